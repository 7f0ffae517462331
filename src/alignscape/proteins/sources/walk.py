"""All files of a folder, each with the reason where it cannot even be opened."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ...storage.plain_text import unseen
from ..parsing.compression import LARGEST, special_kind

Seen = tuple[Path, str]  # a path below the folder, and why it is not opened, "" if it can be


def walk(directory: Path, *, recursive: bool) -> Iterator[Seen]:
    """Every file below a folder, in the order of their names, links followed; no folder is entered twice."""
    for path, reason in names_below(directory, recursive=recursive):
        yield path, reason or why_unusable(path)


def names_below(directory: Path, *, recursive: bool) -> Iterator[Seen]:
    """What `walk` gives, as far as names tell: the files are not asked, which on a network file system takes the time."""
    waiting, entered = [directory], set[tuple[int, int]]()
    while waiting:
        folder = waiting.pop(0)
        try:
            identity = os.stat(folder)
            if (identity.st_dev, identity.st_ino) in entered:
                yield folder, "a link to a folder that is read already"
                continue
            entered.add((identity.st_dev, identity.st_ino))
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: (entry.is_symlink(), entry.name))
        except OSError as error:
            yield folder, f"a folder that cannot be opened: {error.strerror}"
            continue
        for entry in entries:
            path = Path(entry.path)
            folder_here, hidden = _is_folder(entry), entry.name.startswith(".")
            if not folder_here:
                yield path, "a hidden file" if hidden else _unusable_name(entry.name)
            elif hidden:
                yield path, "a hidden folder"
            elif reason := _unusable_name(entry.name):
                yield path, reason
            elif recursive:
                waiting.append(path)
            else:
                yield path, "a folder; `recursive: true` reads the files in it"


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def why_unusable(path: Path) -> str:
    """What keeps a path from being a protein's file, "" where nothing does; its content is not looked at."""
    if reason := _unusable_name(path.name):
        return reason
    try:
        status = path.stat()
        mode = status.st_mode
    except FileNotFoundError:
        return "a symbolic link to nothing" if path.is_symlink() else "there is no such file"
    except OSError as error:
        return f"cannot be opened: {error.strerror}"
    if stat.S_ISDIR(mode):
        return "a folder"
    if not stat.S_ISREG(mode):
        return f"{special_kind(mode)}, not a file"
    if status.st_size > LARGEST:  # hashing it would take longer than reading all others
        return f"larger than {LARGEST / 2**30:g} GiB, which no structure file is"
    readable = mode & stat.S_IROTH or os.access(path, os.R_OK)  # by all: no need to ask again
    return "" if readable else "no permission to read it"


def _unusable_name(name: str) -> str:
    if name.isascii() and name.isprintable():
        return ""
    hidden = unseen(name)
    if any("\ud800" <= character <= "\udfff" for character in hidden):
        return "the file's name is not UTF-8; rename it"
    if hidden:
        return (
            f"the file's name holds {', '.join(f'U+{ord(c):04X}' for c in hidden)}, which no table can show; rename it"
        )
    return ""
