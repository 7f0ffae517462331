"""Adam in one fused pass, over parameters whose gradients come in pieces."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

_OPTIONS = {"beta1": 0.9, "beta2": 0.999, "weight_decay": 0.0, "eps": 1e-8, "amsgrad": False, "maximize": False}


class FusedAdam:
    """Adam (arXiv 1412.6980) with torch's defaults, on the kernel behind `torch.optim.Adam(fused=True)`.

    That class imports torch's compiler when it is made, some seconds a process, and wants each gradient whole. The
    plain one makes several passes over memory where this makes one: 28 bytes a parameter and step at most, less where a
    gradient's piece is still in the cache. All tensors are float32 on one device.
    """

    def __init__(self, parameters: Sequence[Tensor], *, learning_rate: float) -> None:
        self.parameters, self.learning_rate = [p.detach() for p in parameters], learning_rate
        self.first, self.second = ([torch.zeros_like(p) for p in self.parameters] for _ in range(2))
        self.count = torch.zeros((), device=self.parameters[0].device)

    @torch.no_grad()
    def step(self, pieces: Iterable[tuple[int, tuple[Any, ...], Tensor]]) -> None:
        """One step. A piece: the parameter's number, an index into it, and the gradient there; no two may overlap.

        Raises ValueError for a piece that is not contiguous in its parameter: the kernel would take its neighbours.
        """
        self.count += 1
        for number, where, gradient in pieces:
            own, first, second = (t[number][where] for t in (self.parameters, self.first, self.second))
            if not (own.is_contiguous() and gradient.is_contiguous()):
                raise ValueError(f"parameter {number}: the piece {where} is not contiguous")
            torch._fused_adam_(
                [own], [gradient], [first], [second], [], [self.count], lr=self.learning_rate, **_OPTIONS
            )
