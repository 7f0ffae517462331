"""Which folder a run works in, and whether it still lives: what Snakemake's own locks do not tell.

Each run holds a shared lock on a file of its folder for its life; the system lets go of it when the process ends, however it
ends. Snakemake's locks are files that stay behind a killed run.
"""

import errno
import fcntl
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ..errors import UserError

_LOCK = Path(".snakemake/alignscape.lock")
_held: list[IO[str]] = []  # until the process ends


def enter(folder: Path) -> None:
    """Notes for the life of this process that a run works in the folder. Says so if the folder is locked by a dead one."""
    try:
        if snakemake_locks(folder):
            with nobody_works_in(folder) as free:
                if free:
                    print(_remedy(folder), file=sys.stderr)
        handle = _open(folder)
        fcntl.flock(handle, fcntl.LOCK_SH)
        sign(handle)
    except OSError:  # a folder that cannot be written, a file system without locks: Snakemake will say what matters
        return
    _held.append(handle)


def hold_results(results: Path) -> None:
    """Notes for the life of this process that a run of this folder makes the results. Raises UserError if one of another does.

    Two folders may name, or link to, the same results. Snakemake's locks are in the folder of a run, so two runs would
    remove files that the other is about to read. Runs of one folder are Snakemake's business.
    """
    try:
        handle = _open(results, Path(".plan/run.lock"))
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            handle.truncate(0)
            handle.write(f"{_this_folder()}\n{socket.gethostname()}, process {os.getpid()}\n")
            handle.flush()
            _remove_what_dead_runs_left(Path(handle.name).parent)
        except BlockingIOError:
            folder, _, owner = Path(handle.name).read_text(encoding="utf-8").partition("\n")
            if folder != _this_folder():
                raise UserError(
                    f"{results}: a run in {folder.rpartition(' ')[0]} makes these results now ({owner.strip()}); wait for its "
                    "end, or give this study a `results_dir` of its own (a `cache_dir` may be shared)"
                ) from None
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)  # kept, for another run of this folder beside it
    except OSError:  # a folder that cannot be written, a file system without locks: the run will say what matters
        return
    _held.append(handle)


def _remove_what_dead_runs_left(folder: Path) -> None:
    """Removes the code's digests that runs left for their jobs (`launch.keep_code_digests`), while no run holds the folder.

    A job that its run left alive on a cluster reads the code itself.
    """
    with suppress(OSError):
        for path in folder.glob("*.code"):
            path.unlink(missing_ok=True)


def _this_folder() -> str:
    """Its path, and what tells it from one of the same path in another container."""
    return f"{Path().resolve()} {Path().stat().st_ino}"


def sign(handle: IO[str]) -> None:
    """Writes into a lock's file who holds it."""
    handle.truncate(0)
    handle.write(f"{socket.gethostname()}, process {os.getpid()}\n")
    handle.flush()


def unlock(folder: Path) -> int:
    """How many locks of Snakemake a dead run had left in the folder; they are gone now. Raises UserError if one lives there."""
    found = snakemake_locks(folder)
    if not found:
        return 0
    try:
        with nobody_works_in(folder) as free:
            if not free:
                raise UserError(f"{folder}: a run works here ({who(folder)}); wait for its end, or end it first")
            shutil.rmtree(folder / ".snakemake/locks")
    except OSError as error:
        raise UserError(
            f"{folder}: whether a run works here cannot be seen ({error.strerror}); if you know that none does, "
            "remove its locks by `snakemake --unlock`"
        ) from None
    return len(found)


def snakemake_locks(folder: Path) -> list[Path]:
    """The locks that a run of Snakemake has, or has left behind."""
    return sorted((folder / ".snakemake/locks").glob("*"))


def who(folder: Path) -> str:
    """The host and process of the run that came last."""
    with suppress(OSError):
        return (folder / _LOCK).read_text(encoding="utf-8").strip() or "unknown"
    return "unknown"


@contextmanager
def nobody_works_in(folder: Path) -> Iterator[bool]:
    """Whether no run lives in the folder; within the block none can begin. Raises OSError where locks do not work."""
    with _open(folder) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            yield False
            return
        yield True


def _open(folder: Path, lock: Path = _LOCK) -> IO[str]:
    path = folder / lock
    path.parent.mkdir(parents=True, exist_ok=True)
    return open(path, "a+", encoding="utf-8")  # NFS gives shared locks only on what is open for reading


def _remedy(folder: Path) -> str:
    return (
        f"alignscape: {folder.resolve()} is locked by a run that was killed ({who(folder)}); nothing is lost: run "
        "`make unlock` or `alignscape unlock` here, then the same command goes on"
    )
