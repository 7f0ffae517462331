"""The `_atom_site` category of an mmCIF block as an `AtomTable`, with whatever columns it has."""

import re

import gemmi
import numpy as np
from numpy.typing import NDArray

from ...errors import ProteinRejected
from .amino_acids import is_nucleotide, known_parent
from .atom_table import DENIED, NOT_STATED, STATED, AtomTable, Names

_UNSTATED = {"", "?", "."}
_COORDINATES = ("Cartn_x", "Cartn_y", "Cartn_z")


class _Columns:
    """The columns of `_atom_site`, by bare tag in lower case."""

    def __init__(self, block: gemmi.cif.Block) -> None:
        table = block.find_mmcif_category("_atom_site.")
        self.tags = {tag.partition(".")[2].lower(): tag for tag in table.tags}
        self._block = block
        self.n = len(table)

    def raw(self, tag: str) -> list[str] | None:
        """A column as it stands in the file, None if there is none."""
        name = self.tags.get(tag.lower())
        return list(self._block.find_values(name)) if name else None

    def names(self, *tags: str) -> Names | None:
        """The first of the columns that states anything, "" where it does not; None if none does."""
        for tag in tags:
            column = self.raw(tag)
            if column is not None:
                names = Names.of(column).renamed(_text)
                if any(names.values):
                    return names
        return None

    def numbers(self, tag: str) -> NDArray[np.float64] | None:
        """A column of numbers, NaN where it states none; None if there is no such column."""
        column = self.raw(tag)
        if column is None:
            return None
        try:
            return np.array(column, dtype=np.str_).astype(np.float64)
        except ValueError:
            return np.array([_number(value) for value in column], dtype=np.float64)


def read_mmcif_atoms(block: gemmi.cif.Block) -> AtomTable:
    """The atoms of all models. Raises ProteinRejected, naming the column, where one is missing without which none can be read."""
    columns = _Columns(block)
    blank = Names([""], np.zeros(columns.n, dtype=np.int64))
    name = _needed(columns, "label_atom_id", "auth_atom_id")
    residue = _needed(columns, "label_comp_id", "auth_comp_id")
    author = columns.names("auth_asym_id", "label_asym_id") or blank
    label = columns.names("label_asym_id") or author
    sequence = columns.numbers("label_seq_id")
    number = columns.numbers("auth_seq_id")
    if number is None or not np.isfinite(number).any():
        number = sequence if sequence is not None else np.full(columns.n, np.nan)
    insertion = columns.names("pdbx_PDB_ins_code") or blank
    altloc = columns.names("label_alt_id") or blank
    occupancy = columns.numbers("occupancy")
    b_factor = columns.numbers("B_iso_or_equiv")
    element = columns.names("type_symbol") or blank
    group = columns.names("group_PDB")
    model = columns.names("pdbx_PDB_model_num") or blank
    return AtomTable(
        name=name,
        residue_name=residue,
        chain=_filled(author, label),
        label=_filled(label, author),
        segment=blank,
        number=_whole(number),
        insertion=insertion.each(lambda text: ord(text[0]) if text and ord(text[0]) < 256 else 32, np.uint8),
        altloc=altloc.each(lambda text: min(ord(text[0]), 255) if text else 0, np.uint8),
        xyz=np.stack([_coordinate(columns, tag) for tag in _COORDINATES], axis=1),
        occupancy=np.where(np.isfinite(occupancy), occupancy, 1.0).astype(np.float32)
        if occupancy is not None
        else np.ones(columns.n, dtype=np.float32),
        b_factor=(np.full(columns.n, np.nan) if b_factor is None else b_factor).astype(np.float32),
        element=element.each(lambda text: gemmi.Element(text).atomic_number, np.uint8),
        hetero=_hetero(group, residue),
        model=model.codes,
        block=np.zeros(columns.n, dtype=np.int64),
        closed=np.zeros(columns.n, dtype=bool),
        position=_whole(sequence if sequence is not None else np.zeros(columns.n)),
        stated=_stated(block, columns, sequence),
    )


def _needed(columns: _Columns, *tags: str) -> Names:
    names = columns.names(*tags)
    if names is None:
        raise ProteinRejected(f"not readable as mmCIF: _atom_site has neither {' nor '.join(tags)}")
    return names


def _coordinate(columns: _Columns, tag: str) -> NDArray[np.float64]:
    numbers = columns.numbers(tag)
    if numbers is None:
        raise ProteinRejected(f"not readable as mmCIF: _atom_site has no column {tag}")
    return numbers


def _text(raw: str) -> str:
    return "" if raw in _UNSTATED else gemmi.cif.as_string(raw).strip()


def _number(raw: str) -> float:
    """The number without its standard uncertainty; NaN for what is none."""
    value = gemmi.cif.as_string(raw) if raw[:1] in "'\";" else raw
    return gemmi.cif.as_number(value) if re.match(r"[-+.\d]", value) else float("nan")


def _whole(numbers: NDArray[np.float64]) -> NDArray[np.int32]:
    inside = np.where(np.isfinite(numbers) & (np.abs(numbers) < 2**31 - 1), numbers, 0)
    return inside.astype(np.int32)


def _filled(names: Names, others: Names) -> Names:
    """The names, each empty one replaced by the other's."""
    if all(names.values) or names is others:
        return names
    return Names.of(name or other for name, other in zip(names.tolist(), others.tolist(), strict=True))


def _hetero(group: Names | None, residue: Names) -> NDArray[np.bool_]:
    """(n,) as `group_PDB` says; without it all that is not a standard residue."""
    if group is not None:
        return group.each(lambda text: text.upper() == "HETATM", bool)
    return residue.each(lambda name: not known_parent(name) and not is_nucleotide(name), bool)


def _stated(block: gemmi.cif.Block, columns: _Columns, sequence: NDArray[np.float64] | None) -> NDArray[np.int8]:
    """(n,) whether the file says that an atom is of a polymer: by its entity's type, else by a place in a sequence.

    A place in a sequence alone makes no polymer where every residue has one.
    """
    table = block.find("_entity.", ["id", "type"])
    types = {gemmi.cif.as_string(row[0]): gemmi.cif.as_string(row[1]).lower() for row in table}
    entity = columns.names("label_entity_id")
    stated = np.full(columns.n, NOT_STATED, dtype=np.int8)
    if entity is not None and types:
        words = {"polymer": STATED, "non-polymer": DENIED, "branched": DENIED, "water": DENIED, "macrolide": DENIED}
        stated = entity.each(lambda name: words.get(types.get(name, ""), NOT_STATED), np.int8)
    if sequence is not None:
        placed = np.isfinite(sequence)
        if placed.any() and not placed.all():
            stated = np.where(stated == NOT_STATED, np.where(placed, STATED, DENIED), stated).astype(np.int8)
    return stated
