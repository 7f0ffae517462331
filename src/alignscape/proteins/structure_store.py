"""Many parsed structures in one .npz: every array once, end to end, with offsets; loads without pickle."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..storage.files import read_npz, write_npz
from .structure import Structure

# Text is stored as UTF-8 bytes, a quarter of NumPy's own width, and given these types back, or wider ones.
_TEXT = {
    "atom_name": "U4", "residue_name": "U5", "residue_insertion": "U1", "chain_label": "U8", "chain_author": "U8",
}  # fmt: skip
_LENGTH_OF = {"atom": "atom_name", "residue": "residue_name", "chain": "chain_label"}
_NUMBERS = {
    "atom_element": np.uint8, "atom_xyz": np.float32, "atom_residue": np.int32, "residue_type": np.int8,
    "residue_number": np.int32, "residue_position": np.int32, "residue_plddt": np.float32, "residue_chain": np.int32,
    "chain_entity": np.int32,
}  # fmt: skip


def save_structures(path: str | Path, structures: Sequence[Structure]) -> None:
    """Structures, possibly none, in this order. Equal structures give equal bytes."""
    arrays: dict[str, NDArray] = {"id": np.array([structure.id for structure in structures], dtype=np.str_)}
    for kind, name in _LENGTH_OF.items():
        lengths = [len(getattr(structure, name)) for structure in structures]
        arrays[f"{kind}_offset"] = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)
    for field in fields(Structure):
        if field.name != "id":
            arrays[field.name] = _joined([getattr(structure, field.name) for structure in structures], field.name)
    write_npz(path, arrays)


def _joined(parts: Sequence[NDArray], name: str) -> NDArray:
    if name in _TEXT:
        return np.concatenate([np.empty(0, dtype="S1"), *(np.char.encode(part, "utf-8") for part in parts)])
    empty = np.empty((0, 3) if name == "atom_xyz" else 0, dtype=_NUMBERS[name])
    return np.concatenate([empty, *parts])


def load_structures(path: str | Path) -> list[Structure]:
    """The structures of `save_structures`, in order."""
    stored = read_npz(path)
    for name, kind in _TEXT.items():
        stored[name] = _text(stored[name], int(kind[1:]))
    return [
        Structure(
            id=str(id_),
            **{f.name: _part(stored, f.name, index) for f in fields(Structure) if f.name != "id"},
        )
        for index, id_ in enumerate(stored["id"].tolist())
    ]


def _text(stored: NDArray[np.bytes_], width: int) -> NDArray[np.str_]:
    """UTF-8 bytes as text of at least `width` characters."""
    try:
        return stored.astype(f"U{max(width, stored.dtype.itemsize)}")
    except UnicodeDecodeError:
        text = np.char.decode(stored, "utf-8")
        return text.astype(f"U{max(width, text.dtype.itemsize // 4)}")


def _part(stored: dict[str, NDArray], name: str, index: int) -> NDArray:
    start, stop = stored[f"{name.split('_')[0]}_offset"][index : index + 2]
    return stored[name][start:stop]
