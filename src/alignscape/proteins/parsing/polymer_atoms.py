"""The polymer residues of one model, each with one identity and one place an atom, and the chains they form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .amino_acids import is_open
from .atom_table import AtomTable, Lost
from .backbone import has_atom
from .chains import chain_parts
from .grouping import AMINO_ACID_BY_ATOMS, Atoms, group_residues
from .polymers import polymer_residues, with_elements
from .residues import one_identity, one_place, with_places


@dataclass(frozen=True)
class Polymers:
    """The residues of a model's polymers, in file order; those without any place for an atom have no atoms."""

    atoms: Atoms
    amino: NDArray[np.bool_]  # (r,) of a polypeptide; the others are nucleotides
    part: NDArray[np.int64]  # (r,) chain, numbered in the order of the file

    @property
    def observed(self) -> NDArray[np.bool_]:
        """(r,) residues with an atom."""
        return np.bincount(self.atoms.residue, minlength=self.atoms.n_residues) > 0


def _backboned(atoms: Atoms) -> NDArray[np.bool_]:
    """(r,) residues of ATOM records that have the backbone of an amino acid."""
    return ~atoms.residue_hetero & has_atom(atoms, "N") & has_atom(atoms, "CA") & has_atom(atoms, "C")


def read_polymers(table: AtomTable, lost: Lost) -> tuple[Polymers, Lost]:
    """The polymers of the first model that holds a polypeptide with coordinates, else of the first model.

    lost: what was lost before; returned with what is lost here.
    """
    first = None
    for model in table.models:
        counted = lost.copy()
        found = _of_model(table.select(table.model == model) if len(table.models) > 1 else table, counted)
        if (found.amino & found.observed).any():
            return found, counted
        first = first or (found, counted)
    return first or (_of_model(table, lost), lost)


def _of_model(table: AtomTable, lost: Lost) -> Polymers:
    atoms = group_residues(table, lost)
    amino, nucleic = polymer_residues(atoms)
    lost.add(int((_backboned(atoms) & ~amino).sum()), "residue", AMINO_ACID_BY_ATOMS)
    strange = ~amino & ~nucleic & ~atoms.residue_hetero & atoms.residue_name.each(is_open, bool) & ~_backboned(atoms)
    lost.add(int(strange.sum()), "residue", "of ATOM records, but no amino acid or nucleotide by name or atoms")
    keep = amino | nucleic
    atoms, amino = atoms.select(keep), amino[keep]
    atoms = with_places(with_elements(atoms, lost), amino, lost)
    identity = one_identity(atoms, amino, lost)
    if not identity.all():
        atoms, amino = atoms.select(identity), amino[identity]
    atoms = atoms.select_atoms(one_place(atoms, lost))
    part = chain_parts(atoms, ~amino)
    copy = part < 0
    if copy.any():
        lost.add(int((copy & amino).sum()), "residue", "the chain stands in the file again, as another model does")
        atoms, amino = atoms.select(~copy), amino[~copy]
        part = part[~copy]
    return Polymers(atoms, amino, part)
