"""Unbiased CKA of two sets of rows: ours, and its formula by products of kernels as it is printed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from alignscape.alignment.geometry import gram
from alignscape.alignment.kernels import unbiased_cka

N, D = 1000, 512
AMOUNT = N
LIMIT = {"operations": 2 * 2 * N * N * D}


def _rows(seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=(N, D))


def ours(cache: Path) -> Callable[[], Any]:
    """Products of entries alone."""
    x, y = _rows(0), _rows(1)
    return lambda: [unbiased_cka(gram(x), gram(y))]


def theirs(cache: Path) -> Callable[[], Any]:
    """Song et al. (2012), Eq. 5, with the trace of a product of kernels."""
    from sklearn.metrics.pairwise import cosine_similarity

    def hsic(k: Any, other: Any) -> float:
        cross = k.sum() * other.sum() / ((N - 1) * (N - 2)) - 2 / (N - 2) * (k @ other).sum()
        return float((np.trace(k @ other) + cross) / (N * (N - 3)))

    rows = [_rows(seed) for seed in (0, 1)]

    def run() -> list[float]:
        kernels = [cosine_similarity(x) for x in rows]
        for kernel in kernels:
            np.fill_diagonal(kernel, 0)
        first, second = kernels
        return [hsic(first, second) / (hsic(first, first) * hsic(second, second)) ** 0.5]

    return run
