"""What a config may say of a protein language model."""

from typing import Literal

from ....config.encoders import ProteinModelBlock


class ProteinLm(ProteinModelBlock):
    """Any protein language model that transformers loads: ESM-2, ProtBERT, the encoder of ProtT5."""

    encoder: Literal["protein_lm"]


BLOCK = ProteinLm
