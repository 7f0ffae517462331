"""The alignment score of test proteins: ours, and a loop over their pairs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from alignscape.alignment.geometry import unit_rows
from alignscape.alignment.score import alignment_score, similarity

N, D = 200, 512
AMOUNT = N
LIMIT = {"operations": 2 * N * N * D}


def _rows(seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=(N, D))


def ours(cache: Path) -> Callable[[], Any]:
    """One product of matrices."""
    x, y = (torch.from_numpy(unit_rows(_rows(seed))) for seed in (0, 1))
    return lambda: [alignment_score(similarity(x, y))]


def theirs(cache: Path) -> Callable[[], Any]:
    """Pair by pair, each by NumPy."""
    x, y = unit_rows(_rows(0)), unit_rows(_rows(1))

    def run() -> list[float]:
        own = [float(x[i] @ y[i]) for i in range(N)]
        others = [abs(float(x[i] @ y[j])) for i in range(N) for j in range(N) if i != j]
        return [sum(own) / N - sum(others) / len(others)]

    return run
