"""GearNet from C-alphas to residue features: ours, and TorchDrug's in its own environment, with the same random weights."""

from collections.abc import Callable
from pathlib import Path

import torch

from alignscape.encoders.structure.gearnet.model import GearNet
from alignscape.encoders.structure.gearnet.torchdrug import TorchDrugGearNet

from .demo import IDS, structures

AMOUNT, HIDDEN = len(IDS), [512] * 3


def _weights() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    state = GearNet(HIDDEN).state_dict()
    for name, value in state.items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif name.endswith("running_mean"):
            value.normal_(std=0.1)
    return state


def _work(network: GearNet) -> Callable[[], torch.Tensor]:
    network.load_state_dict(_weights())
    network.eval()
    found = structures()
    return lambda: torch.cat([network.embed([structure]) for structure in found])


def ours(cache: Path) -> Callable[[], torch.Tensor]:
    """Our network."""
    return _work(GearNet(HIDDEN))


def theirs(cache: Path) -> Callable[[], torch.Tensor]:
    """TorchDrug's."""
    return _work(TorchDrugGearNet(HIDDEN))
