"""A training cut off and gone on with: model, Adam's moments and progress in one safetensors file, without pickle."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from ...storage.files import atomic


def write_tensors(path: str | Path, tensors: dict[str, Tensor], *, metadata: dict[str, str] | None = None) -> None:
    """The tensors in a safetensors file, whole or not at all."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    with atomic(path) as temporary:
        save_file(tensors, temporary, metadata=metadata)


def save_checkpoint(
    path: Path, model: nn.Module, optimiser: torch.optim.Optimizer, *, key: str, progress: dict[str, Any]
) -> None:
    """Everything to go on from; `key` says of which training it is."""
    tensors = {f"model/{name}": value for name, value in model.state_dict().items()}
    for number, moments in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser/{number}/{name}": torch.as_tensor(value) for name, value in moments.items()}
    write_tensors(path, tensors, metadata={"key": key, "progress": json.dumps(progress)})


def load_checkpoint(
    path: Path, model: nn.Module, optimiser: torch.optim.Optimizer, *, key: str
) -> dict[str, Any] | None:
    """The progress, with model and optimiser set to it; None where there is no checkpoint of this very training."""
    try:
        with safe_open(path, framework="pt") as archive:
            metadata = archive.metadata() or {}
            if metadata.get("key") != key:
                return None
            tensors = {name: archive.get_tensor(name) for name in archive.keys()}  # noqa: SIM118 (no mapping)
    except (FileNotFoundError, SafetensorError):
        return None
    model.load_state_dict({n.removeprefix("model/"): v for n, v in tensors.items() if n.startswith("model/")})
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith("optimiser/"):
            _, number, moment = name.split("/")
            state.setdefault(int(number), {})[moment] = value
    optimiser.load_state_dict(optimiser.state_dict() | {"state": state})
    return json.loads(metadata["progress"])
