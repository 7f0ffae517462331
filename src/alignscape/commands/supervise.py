"""Runs Snakemake on SLURM to the end: clears what a killed run left, restarts one that died or stalls."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Patience:
    """How long to wait for what, in seconds."""

    poll: float = 15
    stall: float = 600  # longer than the longest pause between two of the executor's status checks, 180 s
    restarts: int = 20


def queued_jobs(prefix: str) -> list[str] | None:
    """Ids of my SLURM jobs whose name starts with the prefix; None while the controller does not answer."""
    command = ["squeue", "--noheader", "--me", "--format", "%A %j"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        return None
    fields = (line.split() for line in done.stdout.splitlines())
    return [job for job, name in fields if name.startswith(prefix)]


def say(*words: object) -> None:
    """A line with the time."""
    print(time.strftime("%F %T"), "supervise:", *words, flush=True)


def cancel_orphans(prefix: str, *, poll: float) -> None:
    """Cancels the jobs that a killed run left in the queue, so that no shard is computed twice; waits for their end."""
    while (jobs := queued_jobs(prefix)) != []:
        if jobs is None:
            say("squeue does not answer, waiting")
        else:
            say(f"cancelling {len(jobs)} jobs of an earlier run")
            subprocess.run(["scancel", *jobs], check=False)
        time.sleep(min(poll, 5))


def _last_sign(folder: Path) -> float:
    logs = (folder / ".snakemake" / "log").glob("*.log")
    return max((log.stat().st_mtime for log in logs), default=0.0)


def watch(process: subprocess.Popen[bytes], prefix: str, *, patience: Patience) -> int | None:
    """Snakemake's exit status, None if a signal ended it.

    Interrupts it when nothing is queued and its log has been silent for too long.
    """
    alive = time.monotonic()
    while process.poll() is None:
        time.sleep(patience.poll)
        if queued_jobs(prefix) != [] or time.time() - _last_sign(Path()) < 2 * patience.poll:
            alive = time.monotonic()
        if time.monotonic() - alive > patience.stall:
            say("it stalls: no job in the queue, nothing in the log; restarting it")
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
    signal, or stalled, is.
    """
    for attempt in range(patience.restarts + 1):
        cancel_orphans(prefix, poll=patience.poll)
        if any(Path(".snakemake/locks").glob("*")):
            say("unlocking")
            subprocess.run([*command, "--unlock"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        say("start", attempt + 1)
        process = subprocess.Popen(command)
        signal.signal(signal.SIGTERM, lambda *_, p=process: p.send_signal(signal.SIGINT))
        status = watch(process, prefix, patience=patience)
        if status is not None:
            say("ended with status", status)
            return status
        say("it was killed or had stalled")
    return 1


def main(arguments: Sequence[str]) -> None:
    """`python -m alignscape.commands.supervise [snakemake arguments]`: the SLURM profile, supervised."""
    command = [str(Path(sys.executable).with_name("snakemake")), *arguments]
    raise SystemExit(supervise(command, prefix="alignscape"))


if __name__ == "__main__":
    main(sys.argv[1:])
