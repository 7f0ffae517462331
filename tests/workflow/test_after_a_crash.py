"""After a kill, and after Ctrl-C, a person is told what to do, and the same command goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers.workspace import STUDY, Workspace

UNLOCK = [sys.executable, "-c", "from alignscape.cli import main; main()", "unlock"]


def start(space: Workspace, *target: str) -> "subprocess.Popen[str]":
    """A run whose job has begun: before that, Snakemake may start a job after it was told to end, and wait for it."""
    (space.path / "begun").unlink(missing_ok=True)
    process = space.start(*target)
    for _ in range(1200):
        if (space.path / "begun").exists():
            return process
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    raise AssertionError("no job within a minute")


def unlock(space: Workspace) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(UNLOCK, cwd=space.path, env=space.environment, capture_output=True, text=True)


@pytest.mark.slow
def test_a_killed_run_and_an_interrupted_one_say_how_to_go_on(tmp_path: Path) -> None:
    space = Workspace.create(tmp_path / "work", STUDY, ids=("1A8O", "1AJJ", "1BX8", "1CRN"))
    target = ("--cores", "1", "--until", "parse")
    waiting = "import pathlib, time\n\npathlib.Path('begun').touch()\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.1)\n"
    space.prepend("workflow/scripts/parse.py", waiting)
    process = start(space, *target)
    refused = unlock(space)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "a run works here" in refused.stderr
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert "is locked by a run that was killed" in space.snakemake(*target, check=False)
    assert unlock(space).stdout == "unlocked; the same command goes on where the run stopped\n"
    process = start(space, *target)
    os.killpg(process.pid, signal.SIGINT)
    output = process.communicate(timeout=60)[0]
    assert process.returncode != 0
    said = "alignscape: interrupted; what is finished is kept, and the same command goes on from there"
    assert output.count(said) == 1
    (space.path / "go").touch()
    assert {job.rule for job in space.run("--until", "parse")} >= {"parse"}


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_a_cache_that_an_ordinary_user_may_not_use_is_one_line(tmp_path: Path) -> None:
    space = Workspace.create(tmp_path / "work", STUDY | {"cache_dir": "cache"}, ids=("1A8O", "1AJJ", "1BX8", "1CRN"))
    command = space.command("--cores", "1")
    subprocess.run(["chown", "-R", "65534:65534", space.path], check=True)
    (space.path / "cache").mkdir()  # of root
    for folder in (
        tmp_path,
        *(p for p in tmp_path.parents if p.stat().st_uid == os.geteuid() and p.name.startswith(("pytest-", "popen-"))),
    ):
        folder.chmod(0o755)
    environment = space.environment | {"HOME": str(space.path), "XDG_CACHE_HOME": str(space.path / "tmp")}
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if subprocess.run([*nobody, sys.executable, "-c", ""], capture_output=True).returncode:
        pytest.skip("another user cannot run this Python")
    done = subprocess.run([*nobody, *command], cwd=space.path, env=environment, text=True, capture_output=True)
    assert done.returncode
    lines = done.stderr.splitlines()
    assert [line for line in lines if "alignscape: cache" in line and "cannot be used: Permission denied" in line]
    assert "Traceback" not in done.stderr
