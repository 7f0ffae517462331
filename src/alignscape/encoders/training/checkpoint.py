"""Resumes an interrupted training run: weights, Adam moments and progress in one safetensors file."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ...storage.files import write_tensors

Moments = dict[str, Any]  # of one weight: "exp_avg", "step", ...


def save_checkpoint(
    path: Path,
    weights: dict[str, Tensor],
    optimizer: torch.optim.Optimizer,
    *,
    key: str,
    progress: dict[str, Any],
) -> None:
    """Everything to go on from; `key` says of which training it is."""
    tensors = {f"weight/{name}": value for name, value in weights.items()}
    numbers: dict[str, Any] = {}
    for place, moments in _moments(optimizer).items():
        for name, value in moments.items():
            (tensors if isinstance(value, Tensor) else numbers)[f"optimizer/{place}/{name}"] = value
    metadata = {"key": key, "progress": json.dumps(progress), "numbers": json.dumps(numbers)}
    write_tensors(path, tensors, metadata=metadata)


def read_progress(path: Path, *, key: str) -> dict[str, Any] | None:
    """How far the training had come; None where there is no whole checkpoint of this very training."""
    try:
        with safe_open(path, framework="pt") as archive:
            metadata = archive.metadata() or {}
    except (FileNotFoundError, SafetensorError):
        return None
    return json.loads(metadata["progress"]) if metadata.get("key") == key else None


def load_checkpoint(
    path: Path, weights: dict[str, Tensor], optimizer: torch.optim.Optimizer, *, key: str
) -> dict[str, Any] | None:
    """What `read_progress` says, with the weights and the optimizer set to it in place."""
    progress = read_progress(path, key=key)
    if progress is None:
        return None
    with safe_open(path, framework="pt") as archive:
        values = {name: archive.get_tensor(name) for name in archive.keys()}  # noqa: SIM118 (no mapping)
        values |= json.loads(archive.metadata()["numbers"])
    with torch.no_grad():
        for name, value in weights.items():
            value.copy_(values[f"weight/{name}"])
    _set_moments(optimizer, values)
    return progress


def _moments(optimizer: torch.optim.Optimizer) -> dict[int, Moments]:
    """What the optimizer keeps of each weight, by the weight's place.

    Not from its `state_dict`, in which bitsandbytes' optimizers hide their moments from what shards them over GPUs.
    """
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    return {place: optimizer.state[weight] for place, weight in enumerate(weights) if weight in optimizer.state}


def _set_moments(optimizer: torch.optim.Optimizer, values: dict[str, Any]) -> None:
    state: dict[int, Moments] = {}
    for name, value in values.items():
        if name.startswith("optimizer/"):
            _, place, moment = name.split("/")
            state.setdefault(int(place), {})[moment] = value
    optimizer.load_state_dict(optimizer.state_dict() | {"state": state})
