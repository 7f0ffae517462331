"""Files that unpack to far more than tables ever do are refused before they are unpacked."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from ..errors import UserError

_SUSPECT, _RATIO = 2**26, 200  # bytes from which on they may not be so many times those of the file
_PIECE, _PAGE = 2**20, 2**12  # bytes that are read at once, and that count together


def require_credible(path: Path, size: int) -> None:
    """Raises UserError for a file that would take `size` bytes of memory and has so few bytes as tables never do.

    A file with holes counts as what is written of it.
    """
    if size <= _SUSPECT:
        return
    status, least = path.stat(), -(-size // _RATIO)
    written = status.st_size
    # A hint only: some file systems give a whole file its blocks later, or pack what is in them.
    if min(written, getattr(status, "st_blocks", 0) * 512) < least <= written:
        written = _written(path, least)
    if written < least:
        raise UserError(f"{path}: {written} bytes that unpack to {size}; no table is packed so far")


def _written(path: Path, enough: int) -> int:
    """Bytes of the file's pages that are not all zeros; counting ends where there are enough."""
    zeros, found = bytes(_PAGE), 0
    for piece in _data(path):
        pages = (piece[start : start + _PAGE] for start in range(0, len(piece), _PAGE))
        found += sum(len(page) for page in pages if page != zeros[: len(page)])
        if found >= enough:
            break
    return found


def _data(path: Path) -> Iterator[bytes]:
    """The file in pieces, without the holes that the file system tells."""
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            yield piece
            if (place := _next_data(file.fileno(), file.tell())) is None:
                return
            file.seek(place)


def _next_data(file: int, place: int) -> int | None:
    """Where from a place on data comes, the place itself where the file system does not tell; None if no more does."""
    try:
        return os.lseek(file, place, os.SEEK_DATA)
    except OSError as error:
        return None if error.errno == errno.ENXIO else place
    except AttributeError:  # a system without it
        return place
