"""The residues that atom records make up: records of one chain, number, insertion code and name are one residue."""

from collections import defaultdict
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .amino_acids import is_solvent
from .atom_table import AtomTable, Lost, Names

AMINO_ACID_BY_ATOMS = "the atoms are an amino acid's, the name is not"


@dataclass(frozen=True)
class Atoms:
    """Atoms of one model in file order, and their residues in the order of their first atoms. a atoms, r residues."""

    name: Names  # (a,)
    element: NDArray[np.uint8]  # (a,)
    xyz: NDArray[np.float64]  # (a, 3) NaN where there is no place
    occupancy: NDArray[np.float32]  # (a,)
    b_factor: NDArray[np.float32]  # (a,) NaN where none is stated
    altloc: NDArray[np.int16]  # (a,) rank: A before none before B, C ...
    residue: NDArray[np.int64]  # (a,)
    residue_name: Names  # (r,)
    residue_number: NDArray[np.int32]  # (r,)
    residue_insertion: NDArray[np.uint8]  # (r,) character code, 32 for none
    residue_position: NDArray[np.int32]  # (r,)
    residue_label: Names  # (r,) the chain's
    residue_author: Names  # (r,) the chain's
    residue_segment: Names  # (r,)
    residue_hetero: NDArray[np.bool_]  # (r,)
    residue_block: NDArray[np.int64]  # (r,) TER records before it
    residue_closed: NDArray[np.bool_]  # (r,) whether a TER record ends its chain after it
    residue_stated: NDArray[np.int8]  # (r,) what the file says: of a polymer, of none, nothing

    @property
    def n_residues(self) -> int:
        """All residues, ligands too."""
        return len(self.residue_number)

    def select(self, keep: NDArray[np.bool_]) -> "Atoms":
        """The residues where `keep` (r,) is true, with their atoms."""
        index = np.cumsum(keep) - 1
        atoms = keep[self.residue]
        values = {}
        for field in fields(self):
            value = getattr(self, field.name)
            values[field.name] = value[keep if field.name.startswith("residue_") else atoms]
        return Atoms(**values | {"residue": index[self.residue[atoms]]})

    def select_atoms(self, keep: NDArray[np.bool_ | np.int64]) -> "Atoms":
        """The same residues with some of their atoms; keep: a mask (a,), or their places."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in ("name", "element", "xyz", "occupancy", "b_factor", "altloc", "residue"):
            values[name] = values[name][keep]
        return Atoms(**values)


def group_residues(table: AtomTable, lost: Lost) -> Atoms:
    """The residues of one model's records; water is left out.

    Records of a residue may stand apart. Where they bring an atom a second time they are another residue, or, at the
    same place, the same records again, which are left out and counted.
    """
    water = table.residue_name.each(is_solvent, bool)
    alphas = water & ~table.hetero & table.name.each(lambda name: name == "CA", bool)
    lost.add(int(alphas.sum()), "residue", AMINO_ACID_BY_ATOMS)
    table = table.select(~water)
    run = _runs(table)
    if len(run) and _recur(table, run):
        table, run = _joined(table, run, lost)
    first = np.unique(run, return_index=True)[1] if len(run) else np.zeros(0, dtype=np.int64)
    altloc = table.altloc.astype(np.int16)
    return Atoms(
        name=table.name,
        element=table.element,
        xyz=table.xyz,
        occupancy=table.occupancy,
        b_factor=table.b_factor,
        altloc=np.where(altloc == ord("A"), -1, altloc),
        residue=run,
        residue_name=table.residue_name[first],
        residue_number=table.number[first],
        residue_insertion=table.insertion[first],
        residue_position=table.position[first],
        residue_label=table.label[first],
        residue_author=table.chain[first],
        residue_segment=table.segment[first],
        residue_hetero=table.hetero[first],
        residue_block=table.block[first],
        residue_closed=table.closed[first],
        residue_stated=table.stated[first],
    )


def _key(table: AtomTable) -> NDArray[np.int64]:
    """(n, 4) what tells one residue from another."""
    parts = (table.label.codes, table.residue_name.codes, table.number, table.insertion)
    return np.stack([np.asarray(part, dtype=np.int64) for part in parts], axis=1)


def _runs(table: AtomTable) -> NDArray[np.int64]:
    """(n,) number of the stretch of equal keys that a record is in."""
    key = _key(table)
    return np.concatenate([np.zeros(min(len(table), 1), dtype=np.int64), (key[1:] != key[:-1]).any(axis=1).cumsum()])


def _recur(table: AtomTable, run: NDArray[np.int64]) -> bool:
    """Whether a residue's key comes again in another stretch."""
    key = _key(table)[np.unique(run, return_index=True)[1]]
    order = np.lexsort(key.T)
    return bool((key[order][1:] == key[order][:-1]).all(axis=1).any())


def _joined(table: AtomTable, run: NDArray[np.int64], lost: Lost) -> tuple[AtomTable, NDArray[np.int64]]:
    """The records without repeated ones, and residues of which stretches of one key are joined."""
    start = np.unique(run, return_index=True)[1]
    stop = np.append(start[1:], len(run))
    key = _key(table)[start]
    members: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, row in enumerate(map(tuple, key.tolist())):
        members[row].append(index)
    becomes = np.arange(len(start))
    keep = np.ones(len(run), dtype=bool)
    for indices in members.values():
        held: list[tuple[int, dict[tuple[int, int], tuple[float, ...]]]] = []
        for index in indices if len(indices) > 1 else ():
            rows = range(int(start[index]), int(stop[index]))
            own = {(int(table.name.codes[i]), int(table.altloc[i])): tuple(table.xyz[i].tolist()) for i in rows}
            target = next((number for number, atoms in held if _belongs(own, atoms)), None)
            if target is None:
                held.append((index, own))
                continue
            becomes[index] = target
            atoms = next(atoms for number, atoms in held if number == target)
            repeated = own.keys() & atoms.keys()
            keep[[i for i in rows if (int(table.name.codes[i]), int(table.altloc[i])) in repeated]] = False
            atoms.update(own)
    lost.add(int((~keep).sum()), "atom", "the record stands in the file twice")
    # A residue stands where its first record does.
    number = becomes[run][keep]
    kinds, first, codes = np.unique(number, return_index=True, return_inverse=True)
    return table.select(keep), np.argsort(np.argsort(first))[codes] if len(kinds) else number


def _belongs(own: dict, atoms: dict) -> bool:
    """Whether records belong to a residue: they bring none of its atoms, or all that they bring again at their places."""
    return all(atoms[atom] == xyz for atom, xyz in own.items() if atom in atoms)
