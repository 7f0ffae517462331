"""A `Structure` of the polypeptide residues: one identity a position, one place an atom, chains in the file's order."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..structure import Structure
from .amino_acids import parent_type
from .atom_table import Lost, Names
from .coordinates import placeless
from .grouping import Atoms

_BLANK = 32


def with_places(atoms: Atoms, amino: NDArray[np.bool_], lost: Lost) -> Atoms:
    """The atoms that have a place; residues stay, also those that have no atom left.

    amino: (r,) the residues whose lost atoms are counted: what a nucleic acid lacks is not the protein's.
    """
    atom = atoms.residue * max(len(atoms.name.values), 1) + atoms.name.codes
    missing = placeless(atoms.xyz, atom)
    if not missing.any():
        return atoms
    lost.add(int(missing[amino[atoms.residue]].sum()), "atom", "no coordinates")
    had = np.bincount(atoms.residue, minlength=atoms.n_residues) > 0
    atoms = atoms.select_atoms(~missing)
    has = np.bincount(atoms.residue, minlength=atoms.n_residues) > 0
    lost.add(int((had & ~has & amino).sum()), "residue", "none of its atoms has coordinates")
    return atoms


def one_identity(atoms: Atoms, amino: NDArray[np.bool_], lost: Lost) -> NDArray[np.bool_]:
    """(r,) one residue a position: of several identities the one of highest occupancy, ties to altloc A.

    Only neighbours in the file with one chain, number and insertion code share a position. One without a place for any
    atom gives way to one that has some. What has no altloc is no second identity but a misnamed part of the residue: the
    larger part stays, and the other is counted where it is of an amino acid.
    """
    n = atoms.n_residues
    parts = (
        atoms.residue_label.codes,
        atoms.residue_author.codes,
        atoms.residue_number,
        atoms.residue_insertion,
    )
    same = np.ones(max(n - 1, 0), dtype=bool)
    for part in parts:
        same &= part[1:] == part[:-1]
    name = atoms.residue_name.codes
    same &= name[1:] != name[:-1]
    if not same.any():
        return np.ones(n, dtype=bool)
    position = np.append(0, (~same).cumsum())
    size = np.bincount(atoms.residue, minlength=n)
    occupancy = np.bincount(atoms.residue, weights=atoms.occupancy, minlength=n) / np.maximum(size, 1)
    altloc = np.full(n, np.iinfo(np.int16).max, dtype=np.int16)
    np.minimum.at(altloc, atoms.residue, atoms.altloc)
    order = np.lexsort((np.arange(n), -size, altloc, -occupancy.round(4), size == 0, position))
    chosen = np.zeros(n, dtype=bool)
    chosen[order[np.unique(position[order], return_index=True)[1]]] = True
    misnamed = ~chosen & amino & (altloc == 0)
    lost.add(int(size[misnamed].sum()), "atom", "another residue's name, and no altloc, at the place of a residue")
    return chosen


def one_place(atoms: Atoms, lost: Lost) -> NDArray[np.int64]:
    """Indices of the atoms, each name once a residue: highest occupancy, ties to A, then the first in the file."""
    key = atoms.residue * max(len(atoms.name.values), 1) + atoms.name.codes
    if _all_differ(key):
        return np.arange(len(key))
    order = np.lexsort((atoms.altloc, -atoms.occupancy, key))
    altloc = atoms.altloc[order]
    repeats = key[order][1:] == key[order][:-1]
    lost.add(int((repeats & (altloc[1:] == altloc[:-1])).sum()), "atom", "the record stands in the file twice")
    return np.sort(order[np.append(True, ~repeats)[: len(order)]])


def _all_differ(key: NDArray[np.int64]) -> bool:
    """Whether no number comes twice; numbers are not negative."""
    if key.max(initial=0) > 64 * len(key):
        return len(np.unique(key)) == len(key)
    seen = np.zeros(key.max(initial=0) + 1, dtype=bool)
    seen[key] = True
    return bool(seen.sum() == len(key))


def to_structure(
    atoms: Atoms,
    positions: NDArray[np.int32],
    plddt: NDArray[np.float64],
    *,
    id: str,
    modified: Mapping[str, str],
    entity_of: Mapping[str, int],
) -> Structure:
    """The residues of `atoms`, amino acids with one place an atom, sorted by chain in the order of the file.

    positions: (r,) places in the chains' full sequences. plddt: (r,) NaN where none is stated. modified: parents of
    modified residues by name. entity_of: entity number by chain label. The result may have no residue.
    """
    label = atoms.residue_label
    _, first, chain = np.unique(label.codes, return_index=True, return_inverse=True)
    appearance = np.argsort(np.argsort(first))
    order = np.argsort(appearance[chain], kind="stable") if len(chain) else chain
    new_index = np.empty(atoms.n_residues, dtype=np.int64)
    new_index[order] = np.arange(atoms.n_residues)
    by_residue = np.argsort(new_index[atoms.residue], kind="stable")
    head = np.sort(first)
    labels = label[head].tolist()
    insertion = atoms.residue_insertion[order]
    return Structure(
        id=id,
        atom_name=_text(atoms.name[by_residue], 4),
        atom_element=atoms.element[by_residue].astype(np.uint8),
        atom_xyz=atoms.xyz[by_residue].astype(np.float32),
        atom_residue=new_index[atoms.residue[by_residue]].astype(np.int32),
        residue_name=_text(atoms.residue_name[order], 5),
        residue_type=atoms.residue_name[order].each(lambda name: parent_type(name, modified), np.int8),
        residue_number=atoms.residue_number[order],
        residue_insertion=np.where(insertion == _BLANK, "", insertion.astype(np.uint32).view("U1")).astype("U1"),
        residue_position=positions[order],
        residue_plddt=plddt[order].astype(np.float32),
        residue_chain=(appearance[chain][order] if len(chain) else chain).astype(np.int32),
        chain_label=_text(label[head], 8),
        chain_author=_text(atoms.residue_author[head], 8),
        chain_entity=np.array([entity_of[name] for name in labels], dtype=np.int32),
    )


def _text(names: Names, width: int) -> NDArray[np.str_]:
    """The names as an array of strings of at least `width` characters."""
    texts = names.texts()
    return texts.astype(f"U{max(width, texts.dtype.itemsize // 4)}")
