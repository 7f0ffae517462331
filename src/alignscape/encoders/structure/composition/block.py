"""What a config may say of the composition baseline."""

from typing import Literal

from pydantic import Field

from ....config.encoders import Cost, StructureEncoderBlock


class Composition(StructureEncoderBlock):
    """A baseline without geometry: amino-acid composition, length and chains."""

    wants_gpu = False
    encoder: Literal["composition"]
    weights: Literal["none"] = Field("none", description="It has none.")
    role: Literal["main", "baseline", "ladder"] = Field("baseline", description="A baseline, not a GDM.")

    def cost(self) -> Cost:
        """As benchmarks/structure.md and gvp_gat.md have it."""
        return Cost(0.003, 0, 25)


BLOCK = Composition
