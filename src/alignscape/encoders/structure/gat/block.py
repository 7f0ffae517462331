"""What a config may say of GAT."""

import importlib.util
from typing import Literal

from pydantic import Field

from ....config.encoders import Cost, Pretraining, Requirement, StructureEncoderBlock, recovery


class Gat(StructureEncoderBlock):
    """Graph attention on atoms (arXiv 1710.10903). `weights: cora` is the paper's control."""

    requirement = Requirement("any", 3)
    published = frozenset({"cora"})
    encoder: Literal["gat"]
    weights: Literal["trained", "shipped", "random", "cora"] = Field("trained", description="Which weights to load.")
    pretraining: Pretraining = recovery(epochs=14, batch_size=1, learning_rate=3e-3, mask_fraction=0.3)
    backend: Literal["native", "pyg"] = Field(
        "native", description="Our attention, or torch-geometric's, which the optional group `pyg` installs."
    )

    def what_is_missing(self) -> tuple[str, str] | None:
        """torch-geometric, if `backend: pyg` asks for it."""
        if self.backend != "pyg" or importlib.util.find_spec("torch_geometric") is not None:
            return None
        mend = "run .venv/bin/pip install -r requirements-pyg.lock, or set `backend: native`"
        return "the package torch-geometric is not installed", mend

    def cost(self) -> Cost:
        """As benchmarks/structure.md and gvp_gat.md have it."""
        return Cost(0.15, 0.4, 64)


BLOCK = Gat
