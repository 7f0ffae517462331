"""Where a training run stands, in one safetensors file: adapter, optimiser, step. Whole or absent, and no pickle."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...storage.files import atomic


@dataclass
class Standing:
    """Steps done, and what was measured on the way."""

    step: int = 0
    perplexity_before: float | None = None
    losses: list[float] = field(default_factory=list)  # mean loss of a token, a value a step


def save_checkpoint(path: Path, *, fingerprint: str, standing: Standing, adapter: Any, optimizer: Any) -> None:
    """Adapter tensors by name, the optimiser's by place and name; `fingerprint` says of which run."""
    from safetensors.torch import save_file

    tensors = {f"adapter/{name}": value.detach().contiguous().cpu() for name, value in adapter.items()}
    tensors |= _optimizer_tensors(optimizer)
    metadata = {"fingerprint": fingerprint, "standing": json.dumps(vars(standing))}
    with atomic(path) as temporary:
        save_file(tensors, temporary, metadata=metadata)


def load_checkpoint(path: Path, *, fingerprint: str, adapter: Any, optimizer: Any) -> Standing:
    """Put a run back where it stood, in place; a fresh Standing if there is no checkpoint of this very run."""
    import torch
    from safetensors import safe_open

    if not path.is_file():
        return Standing()
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
        if metadata["fingerprint"] != fingerprint:
            return Standing()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    with torch.no_grad():
        for name, value in adapter.items():
            value.copy_(tensors[f"adapter/{name}"])
    _restore_optimizer(optimizer, tensors)
    return Standing(**json.loads(metadata["standing"]))


def _optimizer_tensors(optimizer: Any) -> dict[str, Any]:
    import torch

    state = optimizer.state_dict()["state"]
    return {
        f"optimizer/{place}/{name}": torch.as_tensor(value).detach().contiguous().cpu()
        for place, values in state.items()
        for name, value in values.items()
    }


def _restore_optimizer(optimizer: Any, tensors: dict[str, Any]) -> None:
    state: dict[int, dict[str, Any]] = {}
    for key, value in tensors.items():
        kind, _, rest = key.partition("/")
        if kind == "optimizer":
            place, _, name = rest.partition("/")
            state.setdefault(int(place), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
