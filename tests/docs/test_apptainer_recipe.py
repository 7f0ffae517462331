"""The recipe of the Apptainer image copies what a wheel is built from, and installs what make installs. Nothing builds it here."""

import ast
import re
from pathlib import Path

from tests.helpers.installations import installations_of_make

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "envs" / "alignscape.def").read_text(encoding="utf-8")


def section(name: str) -> list[str]:
    """The lines of one section."""
    (text,) = re.findall(rf"^%{name}\n(.*?)(?=^%|\Z)", RECIPE, re.MULTILINE | re.DOTALL)
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_what_it_copies_is_there_and_is_what_a_wheel_is_built_from() -> None:
    lists = re.findall(r"^(?:LOCKS|SHIPPED) = (\(.*\))$", (ROOT / "setup.py").read_text(encoding="utf-8"), re.MULTILINE)
    locks, shipped = (ast.literal_eval(each.replace(", *LOCKS", "")) for each in lists)
    copied = [line.split()[0] for line in section("files")]
    assert [line.split()[1] for line in section("files")] == [f"/opt/alignscape/{name}" for name in copied]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {*shipped, "src", "pyproject.toml", "setup.py", "README.md", *locks} - set(copied) == set()


def test_it_installs_the_locks_and_then_alignscape() -> None:
    installs = [line.split("--no-cache-dir ")[1] for line in section("post") if line.startswith("pip install")]
    assert [line.replace("isolation .", "isolation -e .") for line in installs] == installations_of_make()
