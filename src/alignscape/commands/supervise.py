"""Runs Snakemake on SLURM to the end: clears what a killed run left, restarts one that died or stalls.

It touches only what is its own: SLURM jobs whose name holds the digest of this folder, and locks of a run that is dead.
"""

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from ..errors import UserError
from ..plan.launch import one_line_errors
from ..plan.run_lock import nobody_works_in, sign, unlock, who


@dataclass(frozen=True)
class Patience:
    """How long to wait for what, in seconds."""

    poll: float = 15
    stall: float = 600  # longer than the longest pause between two of the executor's status checks, 180 s
    restarts: int = 20


def job_prefix(folder: Path) -> str:
    """What the names of the folder's SLURM jobs begin with: no other folder's begin so."""
    return f"alignscape-{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]}"


def queued_jobs(prefix: str) -> list[str] | None:
    """Ids of my SLURM jobs whose name begins with the prefix; None while the controller does not answer."""
    command = ["squeue", "--noheader", "--me", "--format", "%A %j"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        return None
    fields = (line.split(maxsplit=1) for line in done.stdout.splitlines() if len(line.split()) > 1)
    return [job for job, name in fields if name.startswith(f"{prefix}_")]


def say(*words: object) -> None:
    """A line with the time."""
    print(time.strftime("%F %T"), "supervise:", *words, flush=True)


def cancel_orphans(prefix: str, *, poll: float) -> None:
    """Cancels the jobs that a killed run left in the queue, so that no shard is computed twice; waits for their end."""
    while (jobs := queued_jobs(prefix)) != []:
        if jobs is None:
            say("squeue does not answer, waiting")
        else:
            say(f"cancelling {len(jobs)} jobs of an earlier run in this folder")
            subprocess.run(["scancel", *jobs], check=False)
        time.sleep(min(poll, 5))


def _last_sign(folder: Path) -> float:
    logs = (folder / ".snakemake" / "log").glob("*.log")
    return max((log.stat().st_mtime for log in logs), default=0.0)


def local_work(pid: int) -> dict[int, float]:
    """What each process below this one has done so far: processor seconds plus bytes read and written, by process id."""
    done = {}
    with suppress(psutil.Error):
        for child in psutil.Process(pid).children(recursive=True):
            with suppress(psutil.Error):
                moved = sum(child.io_counters()[2:6]) if hasattr(child, "io_counters") else 0
                done[child.pid] = sum(child.cpu_times()[:2]) + moved
    return done


def watch(process: subprocess.Popen[bytes], prefix: str, *, patience: Patience) -> int | None:
    """Snakemake's exit status, None if a signal ended it.

    Interrupts it when nothing is queued, its log has been silent for too long, and no job on this machine does anything:
    one that fetches a large model writes no line of Snakemake's log for hours.
    """
    alive, before = time.monotonic(), local_work(process.pid)
    while process.poll() is None:
        time.sleep(patience.poll)
        now = local_work(process.pid)
        works = any(done > before.get(pid, done) for pid, done in now.items())
        before = now
        if works or queued_jobs(prefix) != [] or time.time() - _last_sign(Path()) < 2 * patience.poll:
            alive = time.monotonic()
        if time.monotonic() - alive > patience.stall:
            say("it stalls: no job in the queue or at work here, nothing in the log; restarting it")
            _stop(process)
            return None
    return process.returncode if process.returncode >= 0 else None


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def supervise(command: Sequence[str], *, prefix: str, patience: Patience = Patience()) -> int:
    """Exit status of the last Snakemake run: 0 once one came to its end.

    A run that ends by itself with an error is not repeated: its own retries have been spent. One that was killed by a
    signal, or stalled, is. Raises UserError if another run works in this folder.
    """
    for attempt in range(patience.restarts + 1):
        with nobody_works_in(Path()) as free:
            if not free:
                raise UserError(f"{Path.cwd()}: a run works here ({who(Path())}); wait for its end, or end it first")
            cancel_orphans(prefix, poll=patience.poll)
        if unlock(Path()):
            say("removed the locks that a killed run left here")
        say("start", attempt + 1)
        process = subprocess.Popen([*command, "--slurm-jobname-prefix", prefix])
        signal.signal(signal.SIGTERM, lambda *_, p=process: p.send_signal(signal.SIGINT))
        try:
            status = watch(process, prefix, patience=patience)
        except KeyboardInterrupt:  # the terminal sends it to Snakemake too
            status = process.wait()
        if status is not None:
            say("ended with status", status)
            return status
        say("it was killed or had stalled")
    return 1


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Holds the folder's supervisor lock. Raises UserError if another supervisor has it."""
    path = folder / ".snakemake/supervise.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = path.read_text(encoding="utf-8").strip()
            raise UserError(
                f"{folder.resolve()}: another supervisor works here ({owner}); it restarts the run"
            ) from None
        sign(handle)
        yield


def main(arguments: Sequence[str]) -> None:
    """`python -m alignscape.commands.supervise [snakemake arguments]`: the SLURM profile, supervised, in this folder."""
    command = [str(Path(sys.executable).with_name("snakemake")), *arguments]
    with one_line_errors(), alone_in(Path()):
        raise SystemExit(supervise(command, prefix=job_prefix(Path())))


if __name__ == "__main__":
    main(sys.argv[1:])
