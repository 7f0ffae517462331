"""Made-up proteins, and relatives of theirs."""

from dataclasses import replace

import numpy as np

from tests.helpers.made_structures import made_structure

__all__ = ["made_structure", "mutated"]


def mutated(structure, *, identity, seed):
    """The same protein with so large a share of its residues left as they were."""
    generator = np.random.default_rng(seed)
    change = generator.random(structure.n_residues) > identity
    types = np.where(change, generator.integers(0, 20, structure.n_residues), structure.residue_type)
    return replace(structure, id=f"{structure.id}-RELATIVE", residue_type=types.astype(np.int8))
