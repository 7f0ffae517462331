"""Which residues are of a polypeptide or of a nucleic acid, and which are ligands, ions and free amino acids."""

import numpy as np
from numpy.typing import NDArray

from .amino_acids import (
    FIRST_OXYGEN,
    NO_ATOM,
    SECOND_OXYGEN,
    element_of,
    is_amino_acid,
    is_nucleotide,
    is_open,
    known_parent,
)
from .atom_table import DENIED, STATED, Lost, Names
from .backbone import has_atom, read_backbone
from .grouping import Atoms

_CALCIUM, _HYDROGEN = 20, 1


def polymer_residues(atoms: Atoms) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(r,) residues of polypeptides, and (r,) of nucleic acids."""
    amino = _of_chains(atoms, _amino_acids(atoms))
    nucleic = _of_chains(atoms, atoms.residue_name.each(is_nucleotide, bool))
    return amino, nucleic & ~amino


def _amino_acids(atoms: Atoms) -> NDArray[np.bool_]:
    """(r,) amino acids, in a chain or free: by name, or, for an unknown name, by the atoms of a backbone.

    A lone atom called CA is a calcium ion unless another such atom is at a neighbour's distance.
    """
    by_name = atoms.residue_name.each(is_amino_acid, bool)
    unknown = atoms.residue_name.each(is_open, bool)
    if not unknown.any():
        return by_name
    carbon = has_atom(atoms.select_atoms(atoms.element != _CALCIUM), "CA")
    whole = has_atom(atoms, "N") | has_atom(atoms, "C")
    alone = np.bincount(atoms.residue, minlength=atoms.n_residues) == 1
    index = np.arange(max(atoms.n_residues - 1, 0))
    near, _ = read_backbone(atoms).bonded(index, index + 1)
    near &= atoms.residue_label.codes[1:] == atoms.residue_label.codes[:-1]
    beside = np.append(near, False) | np.append(False, near) if len(near) else np.zeros(atoms.n_residues, dtype=bool)
    return by_name | (unknown & carbon & (whole | (alone & beside)))


def _of_chains(atoms: Atoms, kind: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(r,) residues of `kind` that are of a chain: by the file's word, its records, its TER, or their bonds."""
    members = np.flatnonzero(kind)
    if len(members) == 0:
        return kind
    order = members[np.argsort(atoms.residue_label.codes[members], kind="stable")]
    stated, hetero = atoms.residue_stated[order], atoms.residue_hetero[order]
    taken = (stated == STATED) | ((stated != DENIED) & (~hetero | atoms.residue_closed[order]))
    if not taken.all():
        same = atoms.residue_label.codes[order][1:] == atoms.residue_label.codes[order][:-1]
        bond = read_backbone(atoms).bonded(order[:-1], order[1:])[0] & same
        taken = _grown(taken, bond, np.append(0, (~same).cumsum()), (stated != DENIED) & hetero)
    result = np.zeros_like(kind)
    result[order[taken]] = True
    return result


def _grown(
    taken: NDArray[np.bool_], bond: NDArray[np.bool_], chain: NDArray[np.int64], inside: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """`taken` with what is bonded to it, what stands between its residues, and the bonded stretches of other chains."""
    stretch = np.append(0, (~bond).cumsum())
    n_stretches, n_chains = int(stretch[-1]) + 1, int(chain[-1]) + 1
    with_taken = np.bincount(stretch[taken], minlength=n_stretches) > 0
    chain_taken = np.bincount(chain[taken], minlength=n_chains) > 0
    peptide = (np.bincount(stretch, minlength=n_stretches) > 1)[stretch] & ~chain_taken[chain]
    grown = taken | with_taken[stretch] | peptide
    index = np.arange(len(taken))
    first, last = np.full(n_chains, len(taken)), np.full(n_chains, -1)
    np.minimum.at(first, chain[grown], index[grown])
    np.maximum.at(last, chain[grown], index[grown])
    return grown | (inside & (index > first[chain]) & (index < last[chain]))


def with_elements(atoms: Atoms, lost: Lost) -> Atoms:
    """Amino acids with the elements that their atoms' names tell, the archive's names, and no hydrogens."""
    pair = atoms.residue_name.codes[atoms.residue] * len(atoms.name.values) + atoms.name.codes
    key = pair * 256 + atoms.element
    kinds, inverse = np.unique(key, return_inverse=True)
    n = max(len(atoms.name.values), 1)
    elements = np.array(
        [
            element_of(atoms.residue_name.values[k // 256 // n], atoms.name.values[k // 256 % n], int(k % 256))
            for k in kinds.tolist()
        ],
        dtype=np.uint8,
    )[inverse]
    lost.add(int((elements == NO_ATOM).sum()), "atom", "the name is no atom's of an amino acid")
    values = Atoms(**{**vars(atoms), "element": elements}).select_atoms((elements != _HYDROGEN) & (elements != NO_ATOM))
    return _with_archive_names(values)


def _with_archive_names(atoms: Atoms) -> Atoms:
    """The same with the archive's names of a terminal residue's oxygens and of isoleucine's last carbon."""
    standard = atoms.residue_name.each(lambda name: bool(known_parent(name)), bool)
    name = atoms.name
    for old, new in ((FIRST_OXYGEN, "O"), (SECOND_OXYGEN, "OXT"), (("CD",), "CD1")):
        if not any(value in old for value in name.values):
            continue
        lacks = standard & ~has_atom(Atoms(**{**vars(atoms), "name": name}), new)
        if new == "CD1":
            lacks &= atoms.residue_name.each(lambda residue: known_parent(residue) == "ILE", bool)
        rows = np.flatnonzero(name.each(old.__contains__, bool) & lacks[atoms.residue])
        name = _renamed(name, rows, new)
    return Atoms(**{**vars(atoms), "name": name})


def _renamed(name: Names, rows: NDArray[np.int64], new: str) -> Names:
    if len(rows) == 0:
        return name
    values = name.values if new in name.values else [*name.values, new]
    codes = name.codes.copy()
    codes[rows] = values.index(new)
    return Names(values, codes)
