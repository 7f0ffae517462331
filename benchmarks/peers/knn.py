"""The ten nearest neighbours of each row by cosine: ours, and scikit-learn's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from alignscape.alignment.geometry import gram, nearest_neighbours

N, D = 2000, 512
AMOUNT = N
LIMIT = {"operations": 2 * N * N * D}


def _rows(seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=(N, D))


def ours(cache: Path) -> Callable[[], Any]:
    """From the kernel, which CKA and the other scores use too."""
    x = _rows(0)
    return lambda: np.sort(nearest_neighbours(gram(x), 10), axis=1)


def theirs(cache: Path) -> Callable[[], Any]:
    """NearestNeighbors, by brute force, as it chooses for cosines."""
    from sklearn.neighbors import NearestNeighbors

    x = _rows(0)
    return lambda: np.sort(NearestNeighbors(n_neighbors=10, metric="cosine").fit(x).kneighbors()[1], axis=1)
