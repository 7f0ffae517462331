"""Kill -9 at any moment, start again: the results are the same bytes as without (docs/design.md, law 5)."""

import contextlib
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.helpers.workspace import Workspace

KILLS = int(os.environ.get("ALIGNSCAPE_KILLS", "20"))
# What may differ between two runs: when and how fast, not what.
TIMED = ("benchmarks", "logs", ".plan")


def contents(space: Workspace) -> dict[str, str]:
    """SHA-256 of every result by path."""
    results = space.path / "results"
    files = (path for path in sorted(results.rglob("*")) if path.is_file())
    kept = (path for path in files if not set(path.relative_to(results).parts) & set(TIMED))
    return {str(path.relative_to(results)): hashlib.sha256(untimed(path)).hexdigest() for path in kept}


def untimed(path: Path) -> bytes:
    """A file's bytes, of a page without the elements that say when and how fast."""
    return (
        re.sub(rb"<(\w+)[^>]*\sdata-timed\b[^>]*>.*?</\1>", b"", path.read_bytes(), flags=re.DOTALL)
        if path.suffix == ".html"
        else path.read_bytes()
    )


def processes(group: int) -> list[int]:
    """Every process of a session, so the jobs and their children too."""
    done = subprocess.run(["ps", "-o", "pid=", "-s", str(group)], capture_output=True, text=True)
    return [int(pid) for pid in done.stdout.split()]


@pytest.mark.slow
def test_kills_change_no_byte(finished: Workspace, tmp_path: Path) -> None:
    space = Workspace.create(tmp_path / "work")
    dice = random.Random(42)
    kills = 0
    while kills < KILLS:
        process = space.start("--cores", "2", "--rerun-incomplete", "--nolock")
        deadline = time.monotonic() + dice.uniform(1.5, 7)
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if process.poll() is not None:  # it was done before it was killed often enough
            assert process.returncode == 0, process.communicate()[0]
            shutil.rmtree(space.path / "results")
            continue
        victims = processes(process.pid)
        # Everything at once, like a power cut; or one process: Snakemake itself, a job, or a child of one.
        targets = victims if dice.random() < 0.5 else [dice.choice(victims)]
        for pid in targets:
            _kill(pid)
        kills += 1
        _end(process)
    space.run("--rerun-incomplete", "--nolock")
    assert contents(space) == contents(finished)
    assert not list((space.path / "results").rglob("*.tmp"))


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _end(process: "subprocess.Popen[str]") -> None:
    """Whatever the kill left alive goes too, as it would with the machine."""
    time.sleep(0.3)
    for pid in processes(process.pid):
        _kill(pid)
    process.communicate()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_one_line_and_the_run_goes_on_when_there_is_room(tmp_path: Path) -> None:
    space = Workspace.create(tmp_path / "work")
    to_the_rows = ("--until", "embed_structure")
    (space.path / "results").mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", space.path / "results"])
    if mounted.returncode:
        pytest.skip("this machine mounts no tmpfs")
    try:
        output = space.snakemake("--cores", "2", *to_the_rows, check=False)
        assert "no space left on the device; free some and start again" in output
        subprocess.run(["mount", "-o", "remount,size=200m", space.path / "results"], check=True)
        space.run(*to_the_rows, "--rerun-incomplete")
        assert space.run(*to_the_rows) == []
        assert len(list((space.path / "results/embeddings/mpnn").rglob("*.npy"))) == 3
    finally:
        subprocess.run(["umount", "-l", space.path / "results"], check=True)
