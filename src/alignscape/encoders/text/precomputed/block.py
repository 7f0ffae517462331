"""What a config may say of rows that another program made of the texts."""

from typing import Literal

from ....config.encoders import GivenRows, TextEncoderBlock


class PrecomputedText(GivenRows, TextEncoderBlock):
    """Rows of a text encoder that alignscape does not run: yours, made elsewhere."""

    wants_gpu = False
    encoder: Literal["precomputed"]


BLOCK = PrecomputedText
