"""What a config may say of rows that another program made of the structures."""

from typing import Literal

from pydantic import Field

from ....config.encoders import GivenRows, StructureEncoderBlock


class Precomputed(GivenRows, StructureEncoderBlock):
    """Rows of an encoder that alignscape does not run: yours, made elsewhere."""

    encoder: Literal["precomputed"]
    weights: Literal["given"] = Field("given", description="The rows come as they are.")


BLOCK = Precomputed
