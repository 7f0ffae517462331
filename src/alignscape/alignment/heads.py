"""Projection heads: stacks of structure and text heads whose models train side by side (paper Sec. 3.1, RQ5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ..compute.stacked_linear import StackedLinear
from ..storage.files import read_json, write_json, write_tensors


def hidden_sizes(structure: int, dimension: int, layers: int) -> list[int]:
    """Widths between the linear layers of a structure head, of 0, 1 or 2 numbers (RQ5).

    One rule that gives back every width of the paper (for 2304, 4096 and 8192, GearNet's 3072 and the narrow GDMs),
    and works for any other dimension. Numbers are multiples of a grid of 512, or a quarter of the largest power of two
    in `dimension` where that is smaller.
    - Two layers: m = the mean of both dimensions, or half of `dimension` for an encoder that is narrower than that,
      rounded down to the grid.
    - Three layers add one width on the longer way: between the encoder and m if m is narrower than the encoder; else a
      quarter of m (rounded up to the grid) before m if that is wider than the encoder; else between m and `dimension`.
      "Between" is the mean.
    - No width is more than one and a half times `dimension` (the paper's are at most 1.22 times): a sum readout of 3,072
      numbers before a small language model would else get heads larger than that model's own layers.
    Raises ValueError for anything but 1 to 3 layers.
    """
    if layers not in (1, 2, 3):
        raise ValueError(f"a structure head has 1, 2 or 3 layers, found {layers}")
    if layers == 1:
        return []
    grid = min(512, max(1, (1 << (dimension.bit_length() - 1)) // 4))
    middle = dimension / 2 if 2 * structure <= dimension else (structure + dimension) / 2
    most = max(grid, 3 * dimension // 2)
    m = min(most, max(grid, int(middle) // grid * grid))
    return [m] if layers == 2 else [min(most, width) for width in _two_widths(structure, dimension, m, grid)]


def _two_widths(structure: int, dimension: int, m: int, grid: int) -> list[int]:
    quarter = -(-m // (4 * grid)) * grid
    if m < structure:
        return [(structure + m) // 2, m]
    if quarter > structure:
        return [quarter, m]
    return [m, (m + dimension) // 2]


@dataclass(frozen=True)
class HeadShape:
    """Widths of both heads: the structure head's layers (d_s, ..., d) and the text head's one (d_t, d)."""

    structure: tuple[int, ...]
    text: tuple[int, int]

    @classmethod
    def of(cls, structure: int, text: int, *, layers: int = 1, dimension: int | None = None) -> "HeadShape":
        """The paper's heads for embeddings of these dimensions; they meet in the text's unless `dimension` says else."""
        d = dimension or text
        return cls((structure, *hidden_sizes(structure, d, layers), d), (text, d))

    @property
    def parameters(self) -> int:
        """Numbers in both heads of one model."""
        widths = [*zip(self.structure[:-1], self.structure[1:], strict=True), self.text]
        return sum((inputs + 1) * outputs for inputs, outputs in widths)


class Heads:
    """A stack of k pairs of heads. `structure(x)` and `text(y)` give raw outputs (k, b, d), not yet normalised."""

    def __init__(self, structure: Sequence[StackedLinear], text: StackedLinear) -> None:
        self.structure_layers, self.text_layer = list(structure), text

    @property
    def layers(self) -> list[StackedLinear]:
        """All layers, structure first."""
        return [*self.structure_layers, self.text_layer]

    @property
    def tensors(self) -> list[Tensor]:
        """All weights and biases, each with the model as its first axis."""
        return [tensor for layer in self.layers for tensor in (layer.weight, layer.bias)]

    def structure(self, x: Tensor) -> Tensor:
        """(k, b, d_s) to (k, b, d), ReLU between the layers."""
        for layer in self.structure_layers[:-1]:
            x = F.relu(layer(x))
        return self.structure_layers[-1](x)

    def text(self, y: Tensor) -> Tensor:
        """(k, b, d_t) to (k, b, d)."""
        return self.text_layer(y)

    @torch.no_grad()
    def model(self, number: int) -> "Heads":
        """One model as a stack of one; it shares the stack's memory."""
        return Heads(*_split_layers([tensor[number : number + 1].detach() for tensor in self.tensors]))

    @torch.no_grad()
    def copy(self) -> "Heads":
        """The same numbers in memory of their own, on the processor."""
        return Heads(*_split_layers([tensor.detach().to("cpu", copy=True) for tensor in self.tensors]))


def _split_layers(tensors: Sequence[Tensor]) -> tuple[list[StackedLinear], StackedLinear]:
    layers = [StackedLinear(tensors[i], tensors[i + 1]) for i in range(0, len(tensors), 2)]
    return layers[:-1], layers[-1]


def initial_heads(shape: HeadShape, seeds: Sequence[Sequence[int]], *, device: str = "cpu") -> Heads:
    """Untrained heads, one model per seed, as `torch.nn.Linear` draws them: uniform in +-1/sqrt(inputs).

    A model's numbers depend on its own seed alone, whatever the stack and the device.
    """
    widths = [*zip(shape.structure[:-1], shape.structure[1:], strict=True), shape.text]
    k = len(seeds)
    tensors = [t for i, o in widths for t in (torch.empty(k, o, i), torch.empty(k, 1, o))]
    drawn: dict[int, int] = {}  # folds share their seeds' numbers, and drawing them again would take seconds
    for number, seed in enumerate(map(_seed, seeds)):
        if drawn.setdefault(seed, number) != number:
            for tensor in tensors:
                tensor[number] = tensor[drawn[seed]]
            continue
        generator = torch.Generator().manual_seed(seed)
        for tensor, (inputs, _) in zip(tensors, [w for w in widths for _ in range(2)], strict=True):
            tensor[number].uniform_(-(inputs**-0.5), inputs**-0.5, generator=generator)
    return Heads(*_split_layers([tensor.to(device) for tensor in tensors]))


def _seed(parts: Sequence[int]) -> int:
    import numpy as np

    return int(np.random.SeedSequence(list(parts)).generate_state(1, np.uint64)[0] >> 1)


def save_heads(path: str | Path, heads: Heads, card: dict[str, Any]) -> None:
    """One model as `path` (.safetensors) with `card`, what a user must know of it, as .json beside it.

    Tensors are named as torch.nn.Linear has them: structure.0.weight (out, in), structure.0.bias (out,), ...,
    text.weight, text.bias. Raises ValueError for a stack of several models.
    """
    if len(heads.text_layer.weight) != 1:
        raise ValueError(f"{path}: expected one model, found a stack of {len(heads.text_layer.weight)}")
    named: dict[str, Tensor] = {}
    names = [*(f"structure.{i}" for i in range(len(heads.structure_layers))), "text"]
    for name, layer in zip(names, heads.layers, strict=True):
        named |= {f"{name}.weight": layer.weight[0], f"{name}.bias": layer.bias[0, 0]}
    write_tensors(path, named)
    write_json(Path(path).with_suffix(".json"), card)


def load_heads(path: str | Path) -> tuple[Heads, dict[str, Any]]:
    """What `save_heads` wrote."""
    from safetensors.torch import load_file

    named = load_file(path)
    depth = sum(name.startswith("structure.") for name in named) // 2
    names = [*(f"structure.{i}" for i in range(depth)), "text"]
    tensors = [t for name in names for t in (named[f"{name}.weight"][None], named[f"{name}.bias"][None, None])]
    return Heads(*_split_layers(tensors)), read_json(Path(path).with_suffix(".json"))


@torch.no_grad()
def project(heads: Heads, structure: Tensor, text: Tensor) -> tuple[Tensor, Tensor]:
    """Unit vectors of one model, (n, d) each, from raw embeddings (n, d_s) and (n, d_t)."""
    return tuple(F.normalize(out[0], dim=-1) for out in (heads.structure(structure[None]), heads.text(text[None])))
