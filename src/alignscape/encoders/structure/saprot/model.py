"""SaProt (doi 10.1101/2023.10.01.560349): one token a residue, its amino acid and its 3Di state.

A residue that is none of the 20 is `#`, and so is a state that is not shown: as its authors prepare structures, that of a
residue of a predicted model whose pLDDT is below 70.
"""

import numpy as np
from numpy.typing import NDArray

from ....proteins.structure import AMINO_ACIDS, Structure
from ..foldseek_states import N_STATES, STATES, read_states, require_mini3di
from ..sequence_model import SequenceModel
from .block import SaProt as SaProtConfig

HIDDEN = N_STATES  # the state `#`
WORDS = tuple(letter + state.lower() for letter in (*AMINO_ACIDS, "#") for state in (*STATES, "#"))
NOT_SEEN = STATES.index("D")  # as Foldseek writes a residue that has no state: an end of a chain, or atoms missing


def build(config: SaProtConfig) -> "SaProt":
    """The model of a block. Raises UserError where `mini3di` is not installed."""
    require_mini3di(config.name)
    return SaProt(config)


class SaProt(SequenceModel):
    """A kind of residue is an amino acid with a state of the 3Di alphabet, or with one that is not shown."""

    def __init__(self, config: SaProtConfig) -> None:
        super().__init__(config, WORDS, may_be_unknown=())
        self.hidden_below = config.plddt_below

    def kinds(self, structure: Structure) -> NDArray[np.integer]:
        """(r,) indices into WORDS."""
        states = read_states(structure)
        shown = np.where(states < 0, NOT_SEEN, states)
        if self.hidden_below is not None:
            shown = np.where(structure.residue_plddt < self.hidden_below, HIDDEN, shown)
        return structure.residue_type.astype(np.int64) * (N_STATES + 1) + shown
