"""Where the published weights of ScanNet are to be had."""

from ..official import Official
from .block import ScanNet

_PPI = Official(
    "https://raw.githubusercontent.com/jertubiana/ScanNet/7685549c8ed2159a0f441a977dec767343256292/models",
    {"ScanNet_PPI_noMSA.h5": "074cb1746f368697e29f9416c34cf408f0134ef77e41461befc9dbd626a90277"},
    "Apache-2.0",
)


def official(config: ScanNet) -> Official | None:
    """The network for protein-protein binding sites, trained without evolutionary information."""
    return _PPI if config.weights == "official" else None
