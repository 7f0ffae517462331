"""What a config may say of the 3Di baseline."""

import importlib.util
from typing import Literal

from pydantic import Field

from ....config.encoders import Cost, Requirement, StructureEncoderBlock


class FoldseekStates(StructureEncoderBlock):
    """A baseline: how often each state of Foldseek's 3Di alphabet occurs, and each pair of neighbouring states."""

    requirement = Requirement("backbone", 3)
    wants_gpu = False
    encoder: Literal["3di"]
    weights: Literal["none"] = Field("none", description="It has none.")
    role: Literal["main", "baseline", "ladder"] = Field("baseline", description="A baseline, not a GDM.")

    def cost(self) -> Cost:
        """As it was measured on proteins of 37 to 2,000 residues."""
        return Cost(0.06, 0, 420)

    def what_is_missing(self) -> tuple[str, str] | None:
        """The package that reads 3Di states off a structure."""
        if importlib.util.find_spec("mini3di") is not None:
            return None
        return "the package mini3di is not installed", "pip install mini3di==0.2.1"


BLOCK = FoldseekStates
