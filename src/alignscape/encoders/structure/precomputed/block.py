"""What a config may say of rows that another program made of the structures."""

from typing import Literal

from pydantic import Field

from ....config.encoders import Cost, GivenRows, StructureEncoderBlock


class Precomputed(GivenRows, StructureEncoderBlock):
    """Rows of an encoder that alignscape does not run: yours, made elsewhere."""

    wants_gpu = False
    encoder: Literal["precomputed"]
    weights: Literal["given"] = Field("given", description="The rows come as they are.")

    def cost(self) -> Cost:
        """Nothing but reading; how wide the rows are is known when they are read."""
        return Cost(0.001, 0, 512)


BLOCK = Precomputed
