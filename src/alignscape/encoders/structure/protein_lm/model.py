"""Protein language models, which read the sequence alone: one token a residue."""

import numpy as np
from numpy.typing import NDArray

from ....proteins.structure import AMINO_ACIDS, Structure
from ..sequence_model import SequenceModel
from .block import ProteinLm as ProteinLmConfig

# What is none of the 20 (U, Z, O and B among them) is X; some vocabularies do not have it.
WORDS = (*AMINO_ACIDS, "X")


def build(config: ProteinLmConfig) -> "ProteinLm":
    """The model of a block, with the weights of its files or with random ones."""
    return ProteinLm(config, WORDS, may_be_unknown=("X",))


class ProteinLm(SequenceModel):
    """A kind of residue is an amino acid, or none of the 20."""

    def kinds(self, structure: Structure) -> NDArray[np.integer]:
        """(r,) the residues' types, indices into WORDS."""
        return structure.residue_type
