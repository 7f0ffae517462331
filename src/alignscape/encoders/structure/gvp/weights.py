"""The published GVP checkpoint's arrays under the names of our state dict."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

_OFFICIAL_PARTS = {
    "node_embedding": "features/node_embedding",
    "edge_embedding": "features/edge_embedding",
    "node_norm": "features/norm_nodes",
    "edge_norm": "features/norm_edges",
    "node_in": "W_v",
    "edge_in": "W_e",
}
_OFFICIAL_ARRAYS = {
    **{f"w{kind}": f"w{kind}/kernel" for kind in "hsv"},
    **{f"b{kind}": f"w{kind}/bias" for kind in "hsv"},
    "weight": "gamma",
    "bias": "beta",
}


def official_state_dict(arrays: Mapping[str, NDArray[Any]], names: Iterable[str]) -> dict[str, Tensor]:
    """The arrays of our `names`, from those of the published checkpoint. Raises KeyError for one that is missing."""
    return {name: torch.from_numpy(arrays[_official(name)].copy()) for name in names}


def _official(name: str) -> str:
    """The published checkpoint's name of one of our arrays."""
    *parts, array = name.split(".")
    if parts[0] != "layers":
        return f"model/{_OFFICIAL_PARTS[parts[0]]}/{_OFFICIAL_ARRAYS[array]}"
    _, layer, block, number = parts[:4]
    inner = {
        "message": f"W_EV/layer_with_weights-{number}",
        "step": f"W_dh/layer_with_weights-{number}",
        "norms": f"norm/{number}/snorm",
    }[block]
    return f"model/encoder/vglayers/{layer}/{inner}/{_OFFICIAL_ARRAYS[array]}"
