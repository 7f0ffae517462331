"""The bytes of a file on disk, unpacked if they are packed: gzip, bzip2, xz or zstd, whatever the file's name says."""

import bz2
import io
import lzma
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import ProteinRejected
from .atom_limit import AtomCount, may_be_too_many

LARGEST = 2**30  # bytes of a file, packed or not; the largest entries of the archive have half of it
_SUSPECT, _RATIO = (
    2**26,
    200,
)  # unpacked bytes from which on they may not be so many times the packed ones: text never is
_LAYERS = 3  # a download may be packed again by whoever sends it
_PIECE = 2**20
_GZIP_PIECE = 2**16  # of packed bytes, which may be a thousand times as many unpacked
_ZSTD_PIECE = 2**10  # of packed bytes, which may be 2**15 times as many unpacked
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


_MAGIC = {"gzip": b"\x1f\x8b", "bzip2": b"BZh", "xz": b"\xfd7zXZ\x00", "zstd": b"\x28\xb5\x2f\xfd"}

_READERS: dict[str, Callable[[io.BytesIO], Any]] = {
    "bzip2": bz2.BZ2File,
    "xz": partial(lzma.LZMAFile, format=lzma.FORMAT_XZ),
}


def read_stored(path: str | Path, *, most_atoms: int | None = None) -> bytes:
    """A file's bytes.

    most_atoms: atom records that a file may have, where there is a limit. Raises ProteinRejected for what is no file, cannot
    be read, is larger than any structure file, or has more atom records.
    """
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise ProteinRejected("a folder, not a file; name the files in it")
        if not stat.S_ISREG(status.st_mode):
            raise ProteinRejected(f"{special_kind(status.st_mode)}, not a file")
        with open(path, "rb") as handle:
            if most_atoms is not None and may_be_too_many(status.st_size, most_atoms):
                _count(handle, most_atoms)
            stored = _read(handle, status.st_size) if status.st_size <= LARGEST else None
    except FileNotFoundError:
        raise ProteinRejected("there is no such file") from None
    except OSError as error:
        raise ProteinRejected(f"the file cannot be read: {error.strerror}") from None
    if stored is None or len(stored) > LARGEST:
        raise ProteinRejected(f"larger than {LARGEST / 2**30:g} GiB, which no structure file is")
    return stored


def _read(handle: BinaryIO, size: int) -> bytes:
    """All bytes, one more than `LARGEST` at most; of a file that grows, or does not tell its size, more than `size`."""
    stored = handle.read(size + 1)  # not LARGEST: so much is set aside as is asked for
    return stored if len(stored) <= size else stored + handle.read(LARGEST - size)


def _count(handle: BinaryIO, most_atoms: int) -> None:
    """Read a file through, then go back to its beginning. Raises ProteinRejected for too many atom records."""
    count = AtomCount(most_atoms)
    while piece := handle.read(_PIECE):
        count.add(piece)
    handle.seek(0)


def peek(path: str | Path) -> bytes:
    """The first MiB of a file, unpacked as far as it goes. Raises OSError for one that cannot be read."""
    with open(path, "rb") as handle:
        content = handle.read(_PIECE)
    for _ in range(_LAYERS):
        name = packing(content)
        if name:
            content = _beginning(content, name)
    return content


def _beginning(stored: bytes, name: str) -> bytes:
    content = bytearray()
    try:
        for piece in _pieces(stored, name):
            content += piece
            if len(content) >= _PIECE:
                break
    except (EOFError, OSError, zlib.error, lzma.LZMAError):
        pass  # it is cut on purpose; what came before is what is asked for
    return bytes(content[:_PIECE])


def special_kind(mode: int) -> str:
    """What a file is that is no regular one, by its mode."""
    return _KINDS.get(stat.S_IFMT(mode), "a special file")


def packing(stored: bytes) -> str:
    """How bytes are packed: gzip, bzip2, xz, zstd, or "" if they are not."""
    return next((name for name, magic in _MAGIC.items() if stored.startswith(magic)), "")


def decompress(stored: bytes, *, most_atoms: int | None = None) -> bytes:
    """The content of a packed file, of one packed twice too; bytes that are not packed come back as they are.

    What follows the packed data is left out. Raises ProteinRejected for truncated and damaged files, and for one that
    unpacks to more than a structure file can hold, or to more atom records than `most_atoms`, where there is a limit.
    """
    for _ in range(_LAYERS):
        name = packing(stored)
        if not name:
            return stored
        stored = _unpack(stored, name, most_atoms)
    return stored


def _unpack(stored: bytes, name: str, most_atoms: int | None) -> bytes:
    content, counted = bytearray(), 0
    count = None if most_atoms is None else AtomCount(most_atoms)
    try:
        for piece in _pieces(stored, name):
            content += piece
            if count and most_atoms and may_be_too_many(len(content), most_atoms):
                count.add(bytes(content[counted:]))
                counted = len(content)
            if len(content) > LARGEST or (len(content) > _SUSPECT and len(content) > _RATIO * len(stored)):
                size = f"{len(stored) / 2**20:.1f} MiB"
                raise ProteinRejected(f"a {name} file of {size} that unpacks to more than any structure file holds")
    except EOFError:
        raise ProteinRejected(f"truncated {name} file: it ends before its data do") from None
    except (OSError, zlib.error, lzma.LZMAError):
        raise ProteinRejected(f"damaged {name} file: it does not decompress") from None
    return bytes(content)


def _pieces(stored: bytes, name: str) -> Iterator[bytes]:
    """The content, so little at a time that a bomb is seen before it is in memory. Raises EOFError if it is cut."""
    if name in ("gzip", "zstd"):
        yield from (_gzip_pieces if name == "gzip" else _zstd_pieces)(stored)
        return
    with _READERS[name](io.BytesIO(stored)) as reader:
        while piece := reader.read1(_PIECE):
            yield piece


def _gzip_pieces(stored: bytes) -> Iterator[bytes]:
    """The content of every member, one after the other: `gzip.GzipFile` takes twice the time for small files."""
    at = 0
    while stored.startswith(_MAGIC["gzip"], at):
        member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        while not member.eof:
            if at >= len(stored):
                raise EOFError
            yield member.decompress(stored[at : at + _GZIP_PIECE])
            at += _GZIP_PIECE
        at = min(at, len(stored)) - len(member.unused_data)
        if stored.startswith(b"\0", at):  # a tape's padding
            at = len(stored) - len(stored[at:].lstrip(b"\0"))


def _zstd_pieces(stored: bytes) -> Iterator[bytes]:
    import zstandard  # Python 3.11 has no module for it

    rest = stored
    try:
        while rest.startswith(_MAGIC["zstd"]):
            frame, at = zstandard.ZstdDecompressor().decompressobj(), 0
            while not frame.eof:
                if at >= len(rest):
                    raise EOFError
                yield frame.decompress(rest[at : at + _ZSTD_PIECE])
                at += _ZSTD_PIECE
            rest = frame.unused_data + rest[at:]
    except zstandard.ZstdError as error:
        raise OSError(str(error)) from None
