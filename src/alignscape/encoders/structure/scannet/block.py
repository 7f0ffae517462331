"""What a config may say of ScanNet."""

from typing import Literal

from pydantic import Field

from ....config.encoders import Cost, Pretraining, Requirement, StructureEncoderBlock, recovery


class ScanNet(StructureEncoderBlock):
    """ScanNet (doi 10.1038/s41592-022-01490-7): atoms, then amino acids, in local frames."""

    requirement = Requirement("backbone", 3)
    encoder: Literal["scannet"]
    weights: Literal["official", "trained", "shipped", "random"] = Field(
        "trained", description="Which weights to load."
    )
    pretraining: Pretraining = recovery(epochs=10, batch_size=1, learning_rate=5e-4, mask_fraction=0.3)
    preprocessing: Literal["invariant", "original"] = Field(
        "invariant", description="`original` repeats the published code's use of the file's axes and chain order."
    )

    def cost(self) -> Cost:
        """As benchmarks/structure.md and gvp_gat.md have it."""
        return Cost(0.25, 0.8, 128)


BLOCK = ScanNet
