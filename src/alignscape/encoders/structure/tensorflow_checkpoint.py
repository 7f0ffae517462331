"""Arrays of a TensorFlow checkpoint, read without TensorFlow.

A checkpoint `prefix` is a table `prefix.index` (sorted keys, prefix-compressed blocks, protobuf values that say where an
array lies) and raw little-endian arrays in `prefix.data-<shard>-of-<shards>`. Format: TensorFlow's
`core/util/tensor_bundle` and `core/lib/io/table_format.txt`.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ...errors import UserError

_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48  # bytes: two block handles, padding, magic number
_VARIABLE = "/.ATTRIBUTES/VARIABLE_VALUE"  # what Keras hangs on the name of every variable
# What a cut or altered table leads to.
_DAMAGE = (EOFError, IndexError, KeyError, OSError, RuntimeError, TypeError, ValueError, struct.error)
_DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 4: "u1", 6: "i1", 9: "<i8", 10: "?", 19: "<f2"}


@dataclass(frozen=True)
class _Entry:
    """Where one array lies."""

    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    crc32c: int
    sliced: bool


def read_checkpoint(prefix: str | Path) -> dict[str, NDArray[Any]]:
    """All numeric arrays of the checkpoint by name; Keras' `/.ATTRIBUTES/VARIABLE_VALUE` is cut off the names.

    Every array's CRC-32C is checked. Raises UserError for a missing, cut or unreadable file.
    """
    prefix = Path(prefix)
    entries = {key.decode(): value for key, value in _table(_bytes(Path(f"{prefix}.index")), prefix)}
    shards = _fields(entries.pop("", b"")).get(1, [1])[0]
    data = [_bytes(Path(f"{prefix}.data-{shard:05d}-of-{shards:05d}")) for shard in range(shards)]
    parsed = {name: _entry(value) for name, value in entries.items()}
    return {
        name.removesuffix(_VARIABLE): _array(name, entry, data[entry.shard], prefix)
        for name, entry in parsed.items()
        if entry.dtype in _DTYPES
    }


def read_state(index: Path, convert: Callable[[dict[str, NDArray[Any]]], dict[str, Tensor]]) -> dict[str, Tensor]:
    """An encoder's state dict, `convert`ed from the arrays of the checkpoint that `index` belongs to.

    What the file holds beyond the encoder (optimizer, decoder) is for `convert` to leave. Raises UserError for a file
    that is damaged, lacks an array (KeyError in `convert`), or has one of another shape (IndexError, ValueError).
    """
    try:
        arrays = read_checkpoint(index.with_name(index.name.removesuffix(".index")))
    except _DAMAGE:
        raise UserError(f"{index}: damaged, or not the index of a TensorFlow checkpoint; get it again") from None
    try:
        return convert(arrays)
    except KeyError as missing:
        raise UserError(f"{index}: does not fit the encoder: lacks {missing.args[0]}") from None
    except (IndexError, ValueError) as error:
        raise UserError(f"{index}: does not fit the encoder: an array has another shape: {error}") from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; a TensorFlow checkpoint is an .index and its .data files") from None


def _array(name: str, entry: _Entry, data: bytes, prefix: Path) -> NDArray[Any]:
    raw = data[entry.offset : entry.offset + entry.size]
    if entry.sliced or len(raw) != entry.size:
        raise UserError(f"{prefix}: array {name!r} is {'in slices' if entry.sliced else 'cut short'}; fetch it again")
    if _crc32c(raw) != _unmasked(entry.crc32c):
        raise UserError(f"{prefix}: array {name!r} has a wrong checksum; the file is damaged, fetch it again")
    return np.frombuffer(raw, dtype=_DTYPES[entry.dtype]).reshape(entry.shape)


# --- the table ----------------------------------------------------------------------------------------------


def _table(content: bytes, prefix: Path) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a table file, in order."""
    if len(content) < _FOOTER or struct.unpack("<Q", content[-8:])[0] != _MAGIC:
        raise UserError(f"{prefix}.index: not the index of a TensorFlow checkpoint, or cut short; fetch it again")
    _, _, position = _handle(content, len(content) - _FOOTER)
    offset, size, _ = _handle(content, position)
    for _, handle in _block(content, offset, size, prefix):
        yield from _block(content, *_handle(handle, 0)[:2], prefix)


def _handle(content: bytes, position: int) -> tuple[int, int, int]:
    """A block's offset and size, and the position after them."""
    offset, position = _varint(content, position)
    size, position = _varint(content, position)
    return offset, size, position


def _block(content: bytes, offset: int, size: int, prefix: Path) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of one block; each key shares a beginning with the one before it."""
    if content[offset + size]:
        raise UserError(f"{prefix}.index: compressed blocks, which TensorFlow's own checkpoints never have")
    block = content[offset : offset + size]
    end = size - 4 - 4 * struct.unpack("<I", block[-4:])[0]  # the restart points are for searching
    position, key = 0, b""
    while position < end:
        shared, position = _varint(block, position)
        unshared, position = _varint(block, position)
        length, position = _varint(block, position)
        key = key[:shared] + block[position : position + unshared]
        position += unshared + length
        yield key, block[position - length : position]


# --- protobuf -----------------------------------------------------------------------------------------------


def _varint(content: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position


def _fields(message: bytes) -> dict[int, list[Any]]:
    """Values by field number: int for varint and fixed ones, bytes for the length-delimited."""
    found: dict[int, list[Any]] = {}
    value: int | bytes
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        kind = tag & 7
        if kind == 0:
            value, position = _varint(message, position)
        elif kind == 2:
            length, position = _varint(message, position)
            value, position = message[position : position + length], position + length
        else:
            width = {1: 8, 5: 4}[kind]
            value, position = int.from_bytes(message[position : position + width], "little"), position + width
        found.setdefault(tag >> 3, []).append(value)
    return found


def _entry(message: bytes) -> _Entry:
    fields = _fields(message)
    dimensions = _fields(fields.get(2, [b""])[0]).get(2, [])
    shape = tuple(_fields(dimension).get(1, [0])[0] for dimension in dimensions)
    dtype, shard, offset, size, crc = (fields.get(number, [0])[0] for number in (1, 3, 4, 5, 6))
    return _Entry(dtype, shape, shard, offset, size, crc, sliced=7 in fields)


# --- CRC-32C ------------------------------------------------------------------------------------------------


@cache
def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return tuple(table)


def _crc32c(content: bytes) -> int:
    table, crc = _crc_table(), 0xFFFFFFFF
    for byte in content:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _unmasked(crc: int) -> int:
    """The checksum behind the stored one, which is rotated and shifted so that a file of checksums has good ones."""
    rotated = (crc - 0xA282EAD8) & 0xFFFFFFFF
    return (rotated >> 17 | rotated << 15) & 0xFFFFFFFF
