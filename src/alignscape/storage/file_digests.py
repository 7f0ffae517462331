"""SHA-256 of local files, each file read once for it in its life."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

from ..errors import UserError
from .files import read_json, sha256_file, write_json


class FileDigests:
    """SHA-256 of local files, remembered by size, time stamps and inode, so that an unchanged file is read once.

    A file put in another's place is seen even if it has its size and its time stamp, as `cp -p` and `rsync -t` give them:
    the time of the last change of the inode cannot be set.

    store: where they are kept between runs; `save` writes it.
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        self._known = _load(store)
        self._changed = False

    @classmethod
    def of_cache(cls, cache_dir: Path) -> "FileDigests":
        """Those that all studies of a cache share."""
        return cls(cache_dir / "file-digests.json")

    def __call__(self, path: Path) -> str:
        """The digest of a file. Raises UserError if it cannot be read."""
        try:
            return self.digest(path)
        except OSError as error:
            raise UserError(f"{path}: cannot be read: {error.strerror}") from None

    def digest(self, path: Path) -> str:
        """The digest of a file. Raises OSError if it cannot be read."""
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):  # reading it may never end
            raise OSError(errno.EINVAL, "it is a pipe or a device, not a file")
        stamp = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
        key = os.fsencode(path).decode("utf-8", "backslashreplace")
        entry = self._known.get(key)
        if entry is None or entry[:-1] != stamp:
            entry = self._known[key] = [*stamp, sha256_file(path)]
            self._changed = True
        return str(entry[-1])

    def save(self) -> None:
        """Remember what was read for the next time."""
        if self._changed:
            write_json(self._store, self._known)


def _load(store: Path) -> dict[str, list[Any]]:
    """What was remembered; nothing where the file is not there, or is damaged."""
    try:
        known = read_json(store)
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in known.items() if isinstance(v, list) and len(v) == 5} if isinstance(known, dict) else {}
