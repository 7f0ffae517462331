"""Adam in one fused pass over each tensor, without the wrapper that makes a short job wait seconds for its imports."""

from collections.abc import Sequence

import torch
from torch import Tensor


class FusedAdam:
    """Adam (arXiv 1412.6980) with torch's defaults (betas 0.9 and 0.999, eps 1e-8), on the kernel behind
    `torch.optim.Adam(fused=True)`, whose numbers it gives.

    That class imports torch's compiler when it is made (some seconds a process). The plain one makes several passes
    over memory where this makes one: 28 bytes a parameter and step. All tensors are float32 on one device.
    """

    def __init__(self, parameters: Sequence[Tensor], *, learning_rate: float) -> None:
        self.parameters, self.learning_rate = [p.detach() for p in parameters], learning_rate
        self.first, self.second = ([torch.zeros_like(p) for p in self.parameters] for _ in range(2))
        self.steps = [torch.zeros((), device=p.device) for p in self.parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        """One step down the gradients, which are in the order of the parameters."""
        for count in self.steps:
            count += 1
        torch._fused_adam_(
            self.parameters,
            list(gradients),
            self.first,
            self.second,
            [],
            self.steps,
            lr=self.learning_rate,
            beta1=0.9,
            beta2=0.999,
            weight_decay=0.0,
            eps=1e-8,
            amsgrad=False,
            maximize=False,
        )
