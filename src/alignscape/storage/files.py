"""Files that are whole or absent: written under a temporary name in the same folder, then renamed."""

import errno
import fcntl
import hashlib
import json
import os
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UserError

if TYPE_CHECKING:
    from torch import Tensor


_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PROCESS_NAMES = Path("/proc/self/ns/pid")  # the namespace in which process ids mean something


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """A temporary path beside `path` to write to; renamed to `path` on success, removed on any error.

    The temporary name says whose it is (`process_mark`), so two jobs writing the same file cannot mix, also from two
    machines or containers. What a killed process left under such a name is removed, if it is from here. The data are synced
    before the rename. Raises UserError when the disk is full.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_orphans(target.parent.absolute())
    temporary = temporary_beside(target)
    try:
        yield temporary
        with open(temporary, "rb") as handle:
            os.fsync(handle.fileno())
        os.replace(temporary, target)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(
                f"{target}: no space left on the device; free some and start again, nothing is lost"
            ) from None
        raise
    finally:
        temporary.unlink(missing_ok=True)


def temporary_beside(target: Path) -> Path:
    """The name in the target's folder under which this process writes what becomes the target."""
    return target.with_name(f".{target.name}.{process_mark()}.tmp")


def process_mark() -> str:
    """A part of a file's name that no other living process has: where its process id counts, and the id."""
    return f"{_here()}.{os.getpid()}"


@cache
def _here() -> str:
    """The host, and a digest of its start and of the namespace of process ids.

    Containers may share a host name and each have a process 7. Where the system tells neither (macOS, which has no such
    namespaces), the host's name alone counts.
    """
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname()) or "host"
    try:
        told = [_BOOT.read_text().strip(), os.readlink(_PROCESS_NAMES)]
    except OSError:
        told = []
    return f"{host}-{digest_of(told, length=8)}"


@cache  # once for each folder that a process writes to
def _remove_orphans(folder: Path) -> None:
    """Removes temporary files of dead processes of `_here`: of others, a process id tells nothing."""
    for path in folder.glob(f".*.{_here()}.*.tmp"):
        pid = path.name.split(".")[-2]
        if pid.isdigit() and not _lives(int(pid)) and path.is_file():
            path.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def take_space(path: Path) -> None:
    """Takes a mapped file's space on the disk. Raises OSError where there is none: writing to it would end the process (SIGBUS)."""
    if hasattr(os, "posix_fallocate"):  # macOS has none
        with open(path, "r+b") as handle:
            os.posix_fallocate(handle.fileno(), 0, path.stat().st_size)


def write_text(path: str | Path, text: str) -> None:
    """`text` as the whole content of `path`, in UTF-8."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_given(path: str | Path, *, key: str) -> str:
    """The text of a file that a person named under a key. Raises UserError, one line, if it is not to be read or not UTF-8."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{key}: {path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{key}: {path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None


def write_json(path: str | Path, value: Any) -> None:
    """`value` as indented JSON with sorted keys, so that equal values give equal bytes. Raises ValueError for NaN."""
    write_text(path, json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: str | Path) -> Any:
    """The value stored in a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_jsonl(path: str | Path, rows: Iterable[dict[str, Any]]) -> None:
    """One JSON object a line."""
    with atomic(path) as temporary, open(temporary, "w", encoding="utf-8") as handle:
        handle.writelines(json.dumps(row, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n" for row in rows)


def read_jsonl(path: str | Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file, in order."""
    return list(each_jsonl(path))


def each_jsonl(path: str | Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file, in order, one at a time: all of a large file take several times its size."""
    with open(path, encoding="utf-8") as handle:
        for line in handle:
            if line.strip():
                yield json.loads(line)


def collect_jsonl(paths: Iterable[str | Path], target: str | Path) -> None:
    """The rows of files of `write_jsonl` in one file, sorted by id; as lines, since all rows at once take several times their size."""
    lines: list[bytes] = []
    for path in paths:
        with open(path, "rb") as handle:
            lines += (line for line in handle if line.strip())
    lines.sort(key=lambda line: json.loads(line)["id"])
    with atomic(target) as temporary, open(temporary, "wb") as handle:
        handle.writelines(lines)


def write_npy(path: str | Path, array: Any) -> None:
    """`array` in NumPy's .npy format, without pickle."""
    import numpy as np

    with atomic(path) as temporary, open(temporary, "wb") as handle:
        np.save(handle, array, allow_pickle=False)


def write_npz(path: str | Path, arrays: dict[str, Any]) -> None:
    """Named arrays in an uncompressed .npz, without pickle; equal arrays give equal bytes."""
    import zipfile

    import numpy as np

    with atomic(path) as temporary, zipfile.ZipFile(temporary, "w", allowZip64=True) as archive:
        for name in sorted(arrays):
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            with archive.open(member, "w", force_zip64=True) as handle:
                np.lib.format.write_array(handle, np.asanyarray(arrays[name]), allow_pickle=False)


def read_npz(path: str | Path) -> dict[str, Any]:
    """The named arrays of an .npz file; refuses pickled ones."""
    import numpy as np

    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def write_tensors(path: str | Path, tensors: "dict[str, Tensor]", *, metadata: dict[str, str] | None = None) -> None:
    """Tensors by name in a safetensors file."""
    from safetensors.torch import save_file

    tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    with atomic(path) as temporary:
        save_file(tensors, temporary, metadata=metadata)


def sha256_file(path: str | Path) -> str:
    """The hexadecimal SHA-256 of a file's bytes."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def digest_of(value: Any, *, length: int = 12) -> str:
    """The first `length` hexadecimal digits of the SHA-256 of a JSON-able value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def hash_fraction(seed: int, id_: str) -> float:
    """A number in [0, 1) that depends on seed and id alone: uniform over ids, and stable when the list changes."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{id_}".encode()).digest()[:8], "big") / 2**64


@contextmanager
def exclusive_lock(lock: Path) -> Iterator[bool]:
    """Hold an exclusive lock for the block. Yields True once it is held, False if the file system has no locks."""
    with open(lock, "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            yield False
            return
        yield True
