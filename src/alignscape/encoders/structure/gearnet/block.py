"""What a config may say of GearNet."""

from itertools import pairwise
from typing import Literal

from pydantic import Field

from ....config.encoders import Cost, Pretraining, Requirement, StructureEncoderBlock, recovery


class GearNet(StructureEncoderBlock):
    """GearNet-Edge on residues (arXiv 2203.06125)."""

    requirement = Requirement("ca", 3)
    encoder: Literal["gearnet"]
    weights: Literal["official", "trained", "shipped", "random"] = Field(
        "trained", description="Which weights to load."
    )
    pretraining: Pretraining = recovery(epochs=4, batch_size=4, learning_rate=1e-3, mask_fraction=0.9)
    checkpoint: Literal["angle_gearnet_edge", "mc_gearnet_edge"] = Field(
        "angle_gearnet_edge", description="Which official file."
    )
    hidden: list[int] = Field([512] * 6, min_length=1, description="Width of each layer; the embedding joins them all.")
    readout: Literal["sum", "mean"] = Field("sum", description="From residues to the protein.")
    backend: Literal["native", "torchdrug"] = Field("native", description="Our implementation, or TorchDrug's own.")

    def not_promised(self) -> dict[str, str]:
        """What the original does not keep (`graph.py`)."""
        why = "as in the original, a chain's last residues count as close in sequence to the next chain's first ones"
        return {"chain_order": why}

    def cost(self) -> Cost:
        """In proportion to the products of the layers; six of 512 took 4 ms a residue (benchmarks/structure.md)."""
        products = sum(a * b for a, b in pairwise([self.hidden[0], *self.hidden]))
        embedding = 0.1 + 4.0 * products / (6 * 512**2)
        return Cost(embedding, 6 * embedding, sum(self.hidden))


BLOCK = GearNet
