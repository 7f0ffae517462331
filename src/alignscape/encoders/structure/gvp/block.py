"""What a config may say of GVP."""

from typing import Literal

from pydantic import Field

from ....config.encoders import Cost, Pretraining, Requirement, StructureEncoderBlock, recovery


class Gvp(StructureEncoderBlock):
    """The GVP structural encoder (arXiv 2009.01411): backbone geometry only."""

    requirement = Requirement("backbone", 3)
    encoder: Literal["gvp"]
    weights: Literal["official", "trained", "shipped", "random"] = Field(
        "trained", description="Which weights to load."
    )
    pretraining: Pretraining = recovery(epochs=5, batch_size=1, learning_rate=1e-3, mask_fraction=0.9)
    pooling: Literal["invariants", "components"] = Field(
        "invariants", description="`components` is not rotation invariant."
    )

    def cost(self) -> Cost:
        """As benchmarks/structure.md and gvp_gat.md have it."""
        return Cost(0.35, 3.0, 148)


BLOCK = Gvp
