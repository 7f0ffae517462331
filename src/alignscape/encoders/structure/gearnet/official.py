"""Where the published GearNet-Edge weights are to be had."""

from ..official import Official
from .block import GearNet

_URL = "https://zenodo.org/records/7593637/files"
_CHECKPOINTS = {
    "angle_gearnet_edge": Official(_URL, {"angle_gearnet_edge.pth": None}, "MIT"),
    "mc_gearnet_edge": Official(_URL, {"mc_gearnet_edge.pth": None}, "MIT"),
}


def official(config: GearNet) -> Official | None:
    """The `checkpoint` that the block names."""
    return _CHECKPOINTS[config.checkpoint] if config.weights == "official" else None
