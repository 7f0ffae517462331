"""The baseline every encoder has to beat: what a protein is made of and how long it is, without any geometry."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ....errors import ProteinRejected
from ....proteins.structure import UNKNOWN, Structure
from ..interface import Batch, Features, StructureEncoder
from .block import Composition as CompositionConfig

N_TYPES = UNKNOWN + 1
COUNTS = ("residues", "chains", "entities", "residues of the longest chain", "residues of the shortest chain")


def build(config: CompositionConfig) -> "Composition":
    """The baseline; its block has nothing to choose."""
    return Composition()


class Composition(StructureEncoder):
    """26 numbers: 20 times the fraction of each amino acid and of unknown residues, and logarithms of five counts.

    Fractions are scaled so that an even composition is all ones, about the spread of the logarithms: heads are
    trained on the numbers as they are. Counts are of observed residues, natural logarithms, residues in hundreds.
    """

    residue_dimension = N_TYPES
    dimension = N_TYPES + len(COUNTS)

    def featurise(self, structure: Structure) -> Features:
        """Residue types (n,) and the logarithms of COUNTS (5,)."""
        if structure.n_residues == 0:
            raise ProteinRejected("no observed residue")
        types = torch.from_numpy(structure.residue_type).long()
        chains, sizes = np.unique(structure.residue_chain, return_counts=True)
        entities = len(np.unique(structure.chain_entity[chains]))
        counts = [len(types) / 100, len(chains), entities, sizes.max() / 100, sizes.min() / 100]
        return {"types": types, "counts": torch.tensor(counts).log()}

    def collate(self, features: Sequence[Features]) -> Batch:
        """Residues of all proteins one after the other."""
        sizes = torch.tensor([len(f["types"]) for f in features])
        return {
            "types": torch.cat([f["types"] for f in features]),
            "counts": torch.stack([f["counts"] for f in features]),
            "residue_protein": torch.repeat_interleave(torch.arange(len(features)), sizes),
            "n_proteins": len(features),
        }

    def forward(self, batch: Batch) -> Tensor:
        """(n, 21) one row per residue, 20 at its type."""
        return functional.one_hot(batch["types"], N_TYPES) * 20.0

    def readout(self, residues: Tensor, batch: Batch) -> Tensor:
        """(n_proteins, 26) the mean over residues, and the counts."""
        total = residues.new_zeros(batch["n_proteins"], N_TYPES).index_add_(0, batch["residue_protein"], residues)
        sizes = torch.bincount(batch["residue_protein"], minlength=batch["n_proteins"])
        return torch.cat([total / sizes[:, None], batch["counts"]], dim=1)
