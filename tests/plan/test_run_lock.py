"""A folder in which a run lives is never unlocked; one that a killed run left is, in one word."""

import errno
import fcntl
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from alignscape.errors import UserError
from alignscape.plan import run_lock
from alignscape.plan.run_lock import enter, hold_results, nobody_works_in, unlock
from tests.helpers.namespaces import as_process_two

RUN = "import sys, time, pathlib; from alignscape.plan.run_lock import enter; enter(pathlib.Path()); print('in', flush=True)"


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A folder with a lock as Snakemake leaves it."""
    (tmp_path / ".snakemake/locks").mkdir(parents=True)
    (tmp_path / ".snakemake/locks/0.output.lock").write_text("results/report.html\n")
    return tmp_path


HOLD = (
    "import pathlib, sys; from alignscape.plan.run_lock import hold_results; from alignscape.errors import UserError\n"
    "try:\n    hold_results(pathlib.Path('results'))\nexcept UserError as error:\n    print(error)\n    sys.exit(1)\n"
    "print('in', flush=True); sys.stdin.readline()"
)


def start(folder: Path, *, before: Sequence[str] = ()) -> "subprocess.Popen[str]":
    """A process that entered the folder, as Snakemake's main process does, and stays there."""
    process = subprocess.Popen(
        [*before, sys.executable, "-c", RUN + "; time.sleep(60)"],
        cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == "in\n"
    return process


def test_a_live_folder_is_not_unlocked_and_a_killed_runs_is(locked: Path) -> None:
    process = start(locked)
    with pytest.raises(UserError, match=rf"a run works here \(.+, process {process.pid}\); wait for its end"):
        unlock(locked)
    assert list((locked / ".snakemake/locks").iterdir())
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert unlock(locked) == 1
    assert not (locked / ".snakemake/locks").exists()
    assert unlock(locked) == 0


def test_a_run_in_another_container_lives_though_its_process_id_is_not_known_here(locked: Path) -> None:
    process = start(locked, before=as_process_two())
    with pytest.raises(UserError, match=r"a run works here \(.+, process 2\); wait for its end"):
        unlock(locked)
    process.kill()
    process.communicate()
    assert unlock(locked) == 1


def test_two_folders_that_share_results_do_not_make_them_at_once(tmp_path: Path) -> None:
    """By a link, as by the config; a second run of one folder is Snakemake's to allow, and a killed run holds nothing."""
    (tmp_path / "shared").mkdir()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "results").symlink_to(tmp_path / "shared")

    def hold(name: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", HOLD]
        return subprocess.Popen(
            command, cwd=tmp_path / name, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )  # fmt: skip

    first = hold("one")
    assert first.stdout.readline() == "in\n"
    beside = hold("one")
    assert beside.stdout.readline() == "in\n"
    first.kill()
    first.communicate()
    refused = hold("two").communicate()[0]
    assert f"results: a run in {tmp_path}/one makes these results now (" in refused
    assert "a `results_dir` of its own" in refused
    beside.kill()
    beside.communicate()
    assert hold("two").communicate("\n")[0] == "in\n"


def test_what_dead_runs_left_for_their_jobs_goes_once_no_run_lives(tmp_path: Path) -> None:
    """A second run beside a live one takes nothing from it; the notes that other commands read stay."""
    plans = tmp_path / "results/.plan"
    plans.mkdir(parents=True)
    code, note = plans / "study.code", plans / "study.json"
    code.touch()
    note.touch()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    runs = []
    for expected in (False, True):
        runs.append(subprocess.Popen([sys.executable, "-c", HOLD], cwd=tmp_path, **pipes))
        assert runs[-1].stdout.readline() == "in\n"
        assert (code.exists(), note.exists()) == (expected, True)
        code.touch()  # of a live run now
    for run in runs:
        run.communicate("\n")
    hold_results(tmp_path / "results")
    assert (code.exists(), note.exists()) == (False, True)


def test_on_a_network_file_system_runs_hold_their_locks_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NFS wants a file open for reading for a shared lock, and for writing for one that is not shared."""
    flock = fcntl.flock

    def as_on_nfs(file, how: int) -> None:
        if not (file.readable() if how & fcntl.LOCK_SH else file.writable()):
            raise OSError(errno.EBADF, "Bad file descriptor")
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", as_on_nfs)
    monkeypatch.setattr(run_lock, "_held", held := [])
    enter(tmp_path)
    hold_results(tmp_path / "results")
    assert [Path(file.name).relative_to(tmp_path).as_posix() for file in held] == [
        ".snakemake/alignscape.lock",
        "results/.plan/run.lock",
    ]
    with nobody_works_in(tmp_path) as free:
        assert not free


def test_two_runs_may_be_there_and_each_keeps_the_folder(locked: Path) -> None:
    first, second = start(locked), start(locked)
    first.kill()
    first.wait()
    with nobody_works_in(locked) as free:
        assert not free
    second.kill()
    second.wait()
    with nobody_works_in(locked) as free:
        assert free


def test_a_run_says_how_to_unlock_a_folder_that_a_dead_one_locked_and_not_one_of_a_live_one(locked: Path) -> None:
    process = start(locked)
    beside = start(locked)
    for each in (beside, process):
        each.kill()
    assert process.communicate()[1].count("`make unlock`") == 1
    assert beside.communicate()[1] == ""


def test_a_folder_that_cannot_be_written_is_no_error_of_the_lock(tmp_path: Path) -> None:
    (tmp_path / ".snakemake").write_text("in the way")
    enter(tmp_path)
