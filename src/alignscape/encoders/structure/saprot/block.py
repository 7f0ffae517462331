"""What a config may say of SaProt."""

import importlib.util
from typing import Literal

from pydantic import Field

from ....config.encoders import Cost, ProteinModelBlock


class SaProt(ProteinModelBlock):
    """SaProt: a protein language model whose tokens are an amino acid and a 3Di state of the structure (doi 10.1101/2023.10.01.560349)."""

    encoder: Literal["saprot"]
    plddt_below: float | None = Field(
        70,
        gt=0,
        le=100,
        description="Hide the states of residues of predicted models whose pLDDT is below this, as its authors do; null shows all.",
    )

    def cost(self) -> Cost:
        """The model's, and reading the states off the structure."""
        model = super().cost()
        return model._replace(embedding=model.embedding + 0.06)

    def what_is_missing(self) -> tuple[str, str] | None:
        """The package that reads 3Di states off a structure."""
        if importlib.util.find_spec("mini3di") is not None:
            return None
        return "the package mini3di is not installed", "pip install mini3di==0.2.1"


BLOCK = SaProt
