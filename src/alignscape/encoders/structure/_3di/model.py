"""A baseline of local geometry alone: which 3Di states a protein's residues have, and which state follows which."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ....errors import ProteinRejected
from ....proteins.structure import Structure
from ..foldseek_states import N_STATES, read_states, require_mini3di
from ..interface import Batch, Features, StructureEncoder
from .block import FoldseekStates as FoldseekStatesConfig

SCALE = 20.0  # of all fractions, as in the composition baseline: even states are ones


def build(config: FoldseekStatesConfig) -> "FoldseekStates":
    """The baseline. Raises UserError where `mini3di` is not installed."""
    require_mini3di(config.name)
    return FoldseekStates()


class FoldseekStates(StructureEncoder):
    """420 numbers: 20 times the fraction of each state, and 20 times that of each of 400 pairs of neighbours in a chain.

    Residues without a state (ends of chains, missing atoms) do not count, and they part what stands beside them.
    """

    residue_dimension = N_STATES
    dimension = N_STATES + N_STATES**2
    requirement = FoldseekStatesConfig.requirement

    def featurise(self, structure: Structure) -> Features:
        """States (n,) of the residues that have one, and whether the one before it (n,) is its neighbour in the chain."""
        states, chain = read_states(structure), structure.residue_chain
        seen = states >= 0
        if not seen.any():
            raise ProteinRejected("no residue with a 3Di state")
        follows = np.zeros(len(states), dtype=bool)
        follows[1:] = seen[1:] & seen[:-1] & (chain[1:] == chain[:-1])
        return {"states": torch.from_numpy(states[seen]), "follows": torch.from_numpy(follows[seen])}

    def collate(self, features: Sequence[Features]) -> Batch:
        """Residues of all proteins one after the other; the first of a protein follows none."""
        sizes = torch.tensor([len(f["states"]) for f in features])
        return {
            "states": torch.cat([f["states"] for f in features]),
            "follows": torch.cat([f["follows"] for f in features]),
            "residue_protein": torch.repeat_interleave(torch.arange(len(features)), sizes),
            "n_proteins": len(features),
        }

    def residues_read(self, structure: Structure, n: int) -> NDArray[np.bool_]:
        """Those that have a state."""
        return read_states(structure) >= 0

    def forward(self, batch: Batch) -> Tensor:
        """(n, 20) one row per residue that has a state, 20 at it."""
        return functional.one_hot(batch["states"], N_STATES) * SCALE

    def readout(self, residues: Tensor, batch: Batch) -> Tensor:
        """(n_proteins, 420) fractions of states and of pairs."""
        states, protein = batch["states"], batch["residue_protein"]
        later = torch.nonzero(batch["follows"])[:, 0]
        pairs = states[later - 1] * N_STATES + states[later]
        parts = [
            _fractions(protein, states, batch["n_proteins"], N_STATES),
            _fractions(protein[later], pairs, batch["n_proteins"], N_STATES**2),
        ]
        return SCALE * torch.cat(parts, dim=1)


def _fractions(protein: Tensor, kind: Tensor, n_proteins: int, n_kinds: int) -> Tensor:
    """(n_proteins, n_kinds) how often each kind occurs in a protein, as a fraction; zeros where nothing does."""
    counts = torch.bincount(protein * n_kinds + kind, minlength=n_proteins * n_kinds).view(n_proteins, n_kinds).float()
    return counts / counts.sum(dim=1, keepdim=True).clamp(min=1)
