"""`make help` lists what the Makefile can do, and what hosted checks and hooks call is there."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
MALFORMED = {
    "ruff": ("made.py", "import os\n"),
    "ruff-format": ("made.py", "a = [1,2]\n"),
    "snakefmt": ("Snakefile", "rule a:\n  output: 'b'\n"),
    "end-of-file": ("made.txt", "no newline"),
}
WELL_FORMED = {
    "made.py": '"""Nothing."""\n',
    "Snakefile": 'rule a:\n    output:\n        "b",\n',
    "made.txt": "a line\n",
}


def make(*arguments: str) -> str:
    """What make prints; nothing is made by `-qp`, `--dry-run` and `help`."""
    program = shutil.which("make")
    assert program is not None
    return subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True).stdout


@cache
def targets() -> frozenset[str]:
    """The phony targets as make itself understands the Makefile."""
    (line,) = re.findall(r"^\.PHONY:(.*)$", make("-qp", "help"), re.MULTILINE)
    return frozenset(line.split())


def test_help_has_one_line_for_every_target() -> None:
    listed = re.findall(r"^make (\S+) +\S", make("help"), re.MULTILINE)
    assert sorted(listed) == sorted(targets())


def test_help_names_every_variable_that_has_a_value_unless_given() -> None:
    explained = set(re.findall(r"^  ([A-Z0-9]+)=", make("help"), re.MULTILINE))
    optional = set(re.findall(r"^([A-Z0-9]+) \?=", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert explained == optional != set()


def test_make_alone_is_the_demo_as_it_always_was() -> None:
    assert make("--dry-run") == make("--dry-run", "demo") != ""


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_step_of_a_hosted_check_is_a_target_of_make(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    commands = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    called = [re.fullmatch(r"make ([a-z-]+)", command) for command in commands]
    assert [command for command, match in zip(commands, called, strict=True) if match is None] == []
    assert {match[1] for match in called if match} - targets() == set()
    assert workflow["permissions"] == {"contents": "read"}


def test_lint_and_tests_are_called_and_tests_on_linux_and_macos() -> None:
    jobs = [job for path in WORKFLOWS for job in yaml.safe_load(path.read_text())["jobs"].values()]
    assert "make lint" in {step.get("run") for job in jobs for step in job["steps"]}
    (tests,) = (job for job in jobs if "make test" in {step.get("run") for step in job["steps"]})
    assert set(tests["strategy"]["matrix"]["os"]) == {"ubuntu-latest", "macos-latest"}
    assert tests["runs-on"] == "${{ matrix.os }}"


@pytest.mark.parametrize("hook", [hook for repo in HOOKS for hook in repo["hooks"]], ids=lambda hook: hook["id"])
def test_a_hook_of_pre_commit_passes_what_is_well_formed_and_stops_or_mends_what_is_not(
    tmp_path: Path, hook: dict[str, Any]
) -> None:
    assert hook["language"] == "system"
    name, malformed = MALFORMED[hook["id"]]
    command = [str(ROOT / word) if word.startswith((".venv/", "tools/")) else word for word in hook["entry"].split()]
    if not Path(command[0]).is_file():
        pytest.skip(f"{hook['entry'].split()[0]} is not installed; make lint installs it")
    file = tmp_path / name
    for text, passes in ((WELL_FORMED[name], True), (malformed, False)):
        file.write_text(text)
        done = subprocess.run([*command, str(file)], cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode == 0 and file.read_text() == text) == passes, done.stdout + done.stderr


def test_hooks_are_local_so_that_no_commit_downloads_anything() -> None:
    assert [repo["repo"] for repo in HOOKS] == ["local"]
