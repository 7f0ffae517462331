"""What is done to embeddings before the heads see them, learned from training rows alone: nothing, in the paper.

Each step can be folded into the first layer of a head, so that heads to use always take raw embeddings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ..compute.stacked_linear import StackedLinear


class Step(Protocol):
    """One affine map of embeddings."""

    def apply(self, rows: Tensor) -> Tensor:
        """(n, d) to (n, d')."""
        ...

    def fold(self, layer: StackedLinear) -> StackedLinear:
        """The layer for rows before this step that gives what `layer` gives for rows after it."""
        ...


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components: mean (d,) and directions (d, m), orthonormal, by falling variance, as float32."""

    mean: Tensor
    directions: Tensor

    def apply(self, rows: Tensor) -> Tensor:
        """(n, d) to (n, m)."""
        return (rows - self.mean) @ self.directions

    def fold(self, layer: StackedLinear) -> StackedLinear:
        """A layer for rows of d numbers from one for m components."""
        return _shifted(layer, layer.weight @ self.directions.T.to(layer.weight.device), self.mean)


@dataclass(frozen=True, eq=False)
class Standard:
    """Standardisation: mean (d,) and scale (d,), one over the standard deviation, 0 for a number that does not vary."""

    mean: Tensor
    scale: Tensor

    def apply(self, rows: Tensor) -> Tensor:
        """(n, d) to (n, d)."""
        return (rows - self.mean) * self.scale

    def fold(self, layer: StackedLinear) -> StackedLinear:
        """A layer for raw rows from one for standardised rows."""
        return _shifted(layer, layer.weight * self.scale.to(layer.weight.device), self.mean)


def _shifted(layer: StackedLinear, weight: Tensor, mean: Tensor) -> StackedLinear:
    """A layer with `weight` (k, out, d) whose bias takes `mean` (d,) off its inputs."""
    return StackedLinear(weight, layer.bias.detach() - (weight @ mean.to(weight.device))[:, None, :])


def principal_components(rows: Tensor, count: int) -> Components:
    """The first `count` principal components of rows (n, d), computed in float64.

    Raises ValueError for more than min(n - 1, d), as there are no more.
    """
    n, d = rows.shape
    if count > min(n - 1, d):
        raise ValueError(f"{n} rows of {d} numbers have {min(n - 1, d)} principal components, asked for {count}")
    mean = rows.double().mean(dim=0)
    centred = rows.double() - mean
    if n <= d:  # the smaller of the two products has the same spectrum
        directions = centred.T @ torch.linalg.eigh(centred @ centred.T).eigenvectors.flip(1)[:, :count]
        directions = directions / directions.norm(dim=0)
    else:
        directions = torch.linalg.eigh(centred.T @ centred).eigenvectors.flip(1)[:, :count]
    return Components(mean.float(), directions.float())


def standardisation(rows: Tensor) -> Standard:
    """Mean and scale of rows (n, d), computed in float64."""
    mean, sd = rows.double().mean(dim=0), rows.double().std(dim=0, correction=0)
    varies = sd > 1e-6 * rows.double().abs().amax(dim=0)  # less is rounding
    return Standard(mean.float(), torch.where(varies, 1 / sd, 0.0).float())


def prepared(rows: Tensor, steps: Sequence[Step]) -> Tensor:
    """Rows after all steps."""
    for step in steps:
        rows = step.apply(rows)
    return rows


def folded(layer: StackedLinear, steps: Sequence[Step]) -> StackedLinear:
    """The layer for rows before all steps."""
    for step in reversed(steps):
        layer = step.fold(layer)
    return layer
