"""The states of Foldseek's 3Di alphabet (doi 10.1038/s41587-023-01773-0), one a residue, by the package mini3di."""

import importlib.util
import warnings

import numpy as np
from numpy.typing import NDArray

from ...errors import UserError
from ...proteins.structure import AMINO_ACIDS, Structure

STATES = AMINO_ACIDS  # the alphabet borrows the letters, in their order
N_STATES = len(STATES)
_SHORTEST = 3  # residues of a chain that has a state: those at its ends have none


def require_mini3di(name: str) -> None:
    """Raises UserError, one line, where the package is not installed."""
    if importlib.util.find_spec("mini3di") is None:
        raise UserError(
            f"{name}: 3Di states need the package mini3di, which is not installed; pip install mini3di==0.2.1"
        )


def read_states(structure: Structure) -> NDArray[np.int64]:
    """(r,) the state of each residue, an index into STATES; -1 at the ends of a chain and beside missing atoms.

    Chains are read one by one, so no state depends on another chain. Coordinates are taken from the chain's middle, where
    they are small: distances are differences of squares.
    """
    ends = np.flatnonzero(np.diff(structure.residue_chain)) + 1
    atoms = np.split(_atoms(structure), ends)
    return np.concatenate([_states_of_chain(chain) for chain in atoms])


def _atoms(structure: Structure) -> NDArray[np.float64]:
    """(r, 4, 3) N, CA, C and CB; NaN where missing."""
    atoms = structure.backbone.astype(np.float64)  # the oxygen's place becomes the C-beta's
    atoms[:, 3] = np.nan
    found = np.flatnonzero(structure.atom_name == "CB")
    atoms[structure.atom_residue[found], 3] = structure.atom_xyz[found]
    return atoms


def _states_of_chain(atoms: NDArray[np.float64]) -> NDArray[np.int64]:
    from mini3di import Encoder

    seen = np.isfinite(atoms[:, :3]).all(axis=(1, 2))
    if len(atoms) < _SHORTEST or not seen.any():
        return np.full(len(atoms), -1)
    nitrogen, alpha, carbon, beta = (atoms - atoms[seen, 1].mean(axis=0)).transpose(1, 0, 2)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of the places without atoms, which are masked
        states = Encoder().encode_atoms(alpha, beta, nitrogen, carbon)
    return np.where(np.ma.getmaskarray(states), -1, np.ma.getdata(states).astype(np.int64))
