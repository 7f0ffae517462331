"""The atoms by which residues are bonded into a chain, and whether they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .grouping import Atoms

# A peptide bond has 1.33 angstrom; what is not bonded is at least 3 away. Predicted and built models stray in between.
_BOND = 2.5
_ALPHAS = 4.5  # between neighbours' C-alphas: 3.8, 2.9 in a cis peptide


@dataclass(frozen=True)
class Backbone:
    """Positions (r, 3) of each residue's first atom, middle atom and last atom of the backbone; NaN where missing."""

    head: NDArray[np.float64]  # N, or P of a nucleotide
    middle: NDArray[np.float64]  # C-alpha
    tail: NDArray[np.float64]  # C, or O3' of a nucleotide

    def distance(self, before: NDArray[np.int64], after: NDArray[np.int64]) -> tuple[NDArray, NDArray]:
        """(n,) angstrom from the end of residues `before` to the beginning of `after`, and how far it may be in a bond.

        Between C-alphas where that is all there is; NaN where there is nothing to measure.
        """
        bond = np.linalg.norm(self.tail[before] - self.head[after], axis=1)
        alphas = np.linalg.norm(self.middle[before] - self.middle[after], axis=1)
        known = np.isfinite(bond)
        return np.where(known, bond, alphas), np.where(known, _BOND, _ALPHAS)

    def bonded(
        self, before: NDArray[np.int64], after: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(n,) whether residues are bonded, and whether they are not; neither where it cannot be told."""
        distance, limit = self.distance(before, after)
        with np.errstate(invalid="ignore"):
            return distance < limit, distance >= limit


def read_backbone(atoms: Atoms) -> Backbone:
    """The backbone of `atoms`, of the first location of each atom."""
    return Backbone(_first(atoms, ("N", "P")), _first(atoms, ("CA",)), _first(atoms, ("C", "O3'", "O3*")))


def _first(atoms: Atoms, names: tuple[str, ...]) -> NDArray[np.float64]:
    xyz = np.full((atoms.n_residues, 3), np.nan)
    rows = np.flatnonzero(atoms.name.each(lambda name: name in names, bool) & np.isfinite(atoms.xyz).all(axis=1))[::-1]
    xyz[atoms.residue[rows]] = atoms.xyz[rows]
    return xyz


def has_atom(atoms: Atoms, *names: str) -> NDArray[np.bool_]:
    """(r,) residues with an atom of one of these names."""
    has = np.zeros(atoms.n_residues, dtype=bool)
    has[atoms.residue[atoms.name.each(lambda name: name in names, bool)]] = True
    return has
