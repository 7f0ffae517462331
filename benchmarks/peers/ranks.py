"""The rank of each structure's own text among all: ours, and scikit-learn's cosines with SciPy's ranks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from alignscape.alignment.geometry import unit_rows
from alignscape.alignment.retrieval import mid_ranks

N, D = 1500, 512
AMOUNT = N
LIMIT = {"operations": 2 * N * N * D}


def _rows(seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=(N, D))


def ours(cache: Path) -> Callable[[], Any]:
    """Counts of what is higher."""
    x, y = _rows(0), _rows(1)
    return lambda: mid_ranks(unit_rows(x) @ unit_rows(y).T)


def theirs(cache: Path) -> Callable[[], Any]:
    """All rows ranked whole."""
    from scipy.stats import rankdata
    from sklearn.metrics.pairwise import cosine_similarity

    x, y = _rows(0), _rows(1)
    return lambda: np.diagonal(rankdata(-cosine_similarity(x, y), axis=1))
