"""What a config may say of the composition baseline."""

from typing import Literal

from pydantic import Field

from ....config.encoders import StructureEncoderBlock


class Composition(StructureEncoderBlock):
    """A baseline without geometry: amino-acid composition, length and chains."""

    encoder: Literal["composition"]
    weights: Literal["none"] = Field("none", description="It has none.")
    role: Literal["main", "baseline", "ladder"] = Field("baseline", description="A baseline, not a GDM.")


BLOCK = Composition
