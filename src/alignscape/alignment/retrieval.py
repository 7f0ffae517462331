"""Retrieval both ways: how often a protein's own text is found by its structure, and the reverse."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CUTOFFS = (1, 5, 10)
TIE = 1e-9  # similarities no further apart than this are equal


def mid_ranks(s: Floats) -> Floats:
    """(n,) rank of the own item (the diagonal) in each row of (n, n) similarities, 1 = best.

    Ties count half: with t others as high as the own item, its rank is the middle of the t + 1 places they share. So a
    model that gives all items the same similarity is at chance, not at the top.
    """
    own = np.diagonal(s)[:, None]
    # Equal rows of text can give similarities that differ in the last place: a product works in tiles.
    above, equal = (s > own + TIE).sum(axis=1), (np.abs(s - own) <= TIE).sum(axis=1) - 1
    return 1 + above + equal / 2


def retrieval(ranks: Floats) -> dict[str, float]:
    """Recall at 1, 5 and 10, mean reciprocal rank and median rank of any number of mid-ranks."""
    flat = np.asarray(ranks, dtype=np.float64).ravel()
    recalls = {f"r{k}": float((flat <= k).mean()) for k in CUTOFFS}
    return recalls | {"mrr": float((1 / flat).mean()), "median_rank": float(np.median(flat))}


def chance_retrieval(pools: NDArray[np.integer]) -> dict[str, float]:
    """What `retrieval` gives on average when every rank from 1 to the pool's size is equally likely.

    pools: (n,) number of items that each protein was ranked among; the median rank is of the pools' middle places.
    """
    sizes, counts = np.unique(pools, return_counts=True)
    weights = counts / counts.sum()
    recalls = {f"r{k}": float((weights * np.minimum(k, sizes) / sizes).sum()) for k in CUTOFFS}
    harmonic = np.array([(1 / np.arange(1, m + 1)).sum() / m for m in sizes])
    median = float(np.median(np.repeat((sizes + 1) / 2, counts)))
    return recalls | {"mrr": float((weights * harmonic).sum()), "median_rank": median}
