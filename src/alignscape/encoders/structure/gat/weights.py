"""The authors' attention layer, trained on the Cora citation graph, under the names of our state dict."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def official_state_dict(arrays: Mapping[str, NDArray[Any]], *, heads: int) -> dict[str, Tensor]:
    """The Cora layer's state from the arrays of `mod_cora.ckpt`. Raises KeyError for one that is missing.

    Head h has the layers conv1d_{3h} (values), conv1d_{3h+1} (receiver) and conv1d_{3h+2} (sender).
    """

    def of_heads(first: int, part: str) -> list[NDArray[Any]]:
        return [arrays[f"conv1d{_suffix(3 * h + first)}/{part}"] for h in range(heads)]

    biases = [arrays[f"BiasAdd{_suffix(h)}/biases"] for h in range(heads)]
    state = {
        "value": np.concatenate([kernel[0, :4] for kernel in of_heads(0, "kernel")], axis=1),  # (4, 64)
        "receiver": np.stack([kernel[0, :, 0] for kernel in of_heads(1, "kernel")]),  # (8, 8)
        "sender": np.stack([kernel[0, :, 0] for kernel in of_heads(2, "kernel")]),
        "constant": np.concatenate(of_heads(1, "bias")) + np.concatenate(of_heads(2, "bias")),  # (8,)
        "bias": np.concatenate(biases),  # (64,)
    }
    return {f"layer.{name}": torch.from_numpy(np.ascontiguousarray(value)) for name, value in state.items()}


def _suffix(number: int) -> str:
    """TensorFlow's own: nothing for the first of a kind."""
    return f"_{number}" if number else ""
