"""What the supervisor takes for a hang, and which jobs are its own; tests/cluster has it on a real SLURM."""

import subprocess
import sys
from pathlib import Path

import pytest

from alignscape.commands.supervise import Patience, alone_in, job_prefix, queued_jobs, watch
from alignscape.errors import UserError

HASTY = Patience(poll=0.2, stall=1.0)


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of which a `squeue` prints the lines; empty."""
    (tmp_path / "jobs").write_text("")
    (tmp_path / "squeue").write_text(f"#!/bin/sh\ncat {tmp_path / 'jobs'}\n")
    (tmp_path / "squeue").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "jobs"


def a_run_whose_local_job_does(what: str) -> "subprocess.Popen[bytes]":
    """A process that waits for a child, as Snakemake for a rule that it runs on the login node."""
    local = f"import time\nend = time.monotonic() + 3\nwhile time.monotonic() < end:\n    {what}"
    return subprocess.Popen(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {local!r}])"]
    )


def test_a_long_rule_on_this_machine_is_no_hang_if_it_does_something(queue: Path) -> None:
    assert watch(a_run_whose_local_job_does("sum(range(1000)); time.sleep(0.001)"), "mine", patience=HASTY) == 0


def test_a_run_of_which_nothing_moves_is_a_hang(queue: Path) -> None:
    assert watch(a_run_whose_local_job_does("time.sleep(4)"), "mine", patience=HASTY) is None


def test_jobs_of_another_folder_are_not_its_own(queue: Path, tmp_path: Path) -> None:
    mine, other = job_prefix(tmp_path), job_prefix(tmp_path / "other")
    assert mine != other
    queue.write_text(f"1 {mine}_0a-1b\n2 {other}_0a-1b\n3 alignscape_0a-1b\n4 alignscape-mine\n5 {mine}0_1\n")
    assert queued_jobs(mine) == ["1"]


def test_one_supervisor_for_each_folder(tmp_path: Path) -> None:
    other = pytest.raises(UserError, match=r"another supervisor works here \(.+, process \d+\)")
    with alone_in(tmp_path), other, alone_in(tmp_path):
        pass
    with alone_in(tmp_path):  # the first has let go of it
        pass
