"""Steps of training heads: our stack of seeds with our fused Adam, and a CLIP-like loss with torch.optim.Adam, seed by seed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from alignscape.alignment.heads import HeadShape, initial_heads
from alignscape.alignment.split import Run
from alignscape.alignment.train import Job, _Stack
from alignscape.config.study import Alignment, Variant

STRUCTURE, TEXT, N, SEEDS, STEPS, BATCH, TAU = 3072, 640, 512, 5, 4, 32, 0.2
AMOUNT = SEEDS * STEPS
_WEIGHTS = SEEDS * (STRUCTURE * TEXT + TEXT * TEXT)
# A step reads and writes each weight, its gradient and both of its moments, 4 bytes each.
LIMIT = {"bytes": STEPS * _WEIGHTS * 8 * 4}


def _rows() -> tuple[torch.Tensor, torch.Tensor, list[np.ndarray]]:
    generator = torch.Generator().manual_seed(1)
    x, y = (torch.randn(N, d, generator=generator) for d in (STRUCTURE, TEXT))
    return x, y, [np.random.default_rng(seed).permutation(N)[: STEPS * BATCH] for seed in range(SEEDS)]


def ours(cache: Path) -> Callable[[], torch.Tensor]:
    """All seeds at once; the first call's losses of each step and seed count as the output."""
    x, y, orders = _rows()
    jobs = [Job(Run(np.arange(N), np.arange(8), np.arange(8)), x, y, (0, seed)) for seed in range(SEEDS)]
    stack = _Stack(jobs, HeadShape.of(STRUCTURE, TEXT), Alignment(), Variant())
    batches = stack._batches(orders)
    return lambda: torch.stack([stack._step(*batch) for batch in batches])


def theirs(cache: Path) -> Callable[[], torch.Tensor]:
    """One seed after the other: torch.nn.Linear, cross entropy of cosines, torch.optim.Adam."""
    x, y, orders = _rows()
    models = [_Plain(seed) for seed in range(SEEDS)]

    def run() -> torch.Tensor:
        losses = [
            [model.step(x[rows], y[rows]) for rows in order.reshape(STEPS, BATCH)]
            for model, order in zip(models, orders, strict=True)
        ]
        return torch.tensor(losses).T

    return run


class _Plain:
    def __init__(self, seed: int) -> None:
        first = initial_heads(HeadShape.of(STRUCTURE, TEXT), [(0, seed)])
        self.layers = torch.nn.ModuleList([torch.nn.Linear(STRUCTURE, TEXT), torch.nn.Linear(TEXT, TEXT)])
        for layer, start in zip(self.layers, first.layers, strict=True):
            layer.load_state_dict({"weight": start.weight[0].detach(), "bias": start.bias[0, 0].detach()})
        self.optimizer = torch.optim.Adam(self.layers.parameters(), lr=Alignment().learning_rate)

    def step(self, x: torch.Tensor, y: torch.Tensor) -> float:
        """The loss before the step."""
        self.optimizer.zero_grad()
        g, t = (torch.nn.functional.normalize(f(a), dim=1) for f, a in zip(self.layers, (x, y), strict=True))
        loss = torch.nn.functional.cross_entropy(g @ t.T / (2 * TAU), torch.arange(len(x)))
        loss.backward()
        self.optimizer.step()
        return float(loss)
