"""mypy reads every module, and few lines are kept from it (`make lint` runs it)."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
MOST = 10


def test_no_module_of_ours_is_left_out() -> None:
    assert SETTINGS["files"] == ["src"]
    assert SETTINGS["disallow_untyped_defs"] is True
    assert "exclude" not in SETTINGS
    left_out = [name for override in SETTINGS["overrides"] for name in override["module"]]
    assert left_out
    assert [
        name for name in left_out if name.startswith(("alignscape", "snakemake_logger_plugin_alignscape", "*"))
    ] == []
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert re.findall(r"^# mypy:.*", text, re.MULTILINE) == []


def test_few_lines_are_kept_from_it_and_each_says_from_what() -> None:
    lines = [line for path in (ROOT / "src").rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines()]
    kept = [line for line in lines if "type: ignore" in line]
    assert len(kept) <= MOST
    assert [line for line in kept if not re.search(r"type: ignore\[[a-z-]+(, ?[a-z-]+)*\]", line)] == []
