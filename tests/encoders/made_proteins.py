"""Made-up proteins, and relatives of theirs."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "structure"))
from made_structures import made_structure, moved  # noqa: F401


def mutated(structure, *, identity, seed):
    """The same protein with so large a share of its residues left as they were."""
    generator = np.random.default_rng(seed)
    change = generator.random(structure.n_residues) > identity
    types = np.where(change, generator.integers(0, 20, structure.n_residues), structure.residue_type)
    return replace(structure, id=f"{structure.id}-RELATIVE", residue_type=types.astype(np.int8))
