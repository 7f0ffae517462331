"""Retrieval both ways: how often a protein's own text is found by its structure, and the reverse."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

Floats = NDArray[np.float64]
CUTOFFS = (1, 5, 10)
TIE = 1e-9  # similarities no further apart than this are equal


def mid_ranks(s: Floats) -> Floats:
    """(n,) rank of the own item (the diagonal) in each row of (n, n) similarities, 1 = best.

    Ties count half: with t others as high as the own item, its rank is the middle of the t + 1 places they share.
    """
    own = np.diagonal(s)[:, None]
    return 1 + (s > own + TIE).sum(axis=1) + ties(s) / 2


def ties(s: Floats) -> Floats:
    """(n,) other items of each row of (n, n) similarities that are as high as the own one.

    Equal rows of text can give similarities that differ in the last place, as a product works in tiles.
    """
    return (np.abs(s - np.diagonal(s)[:, None]) <= TIE).sum(axis=1) - 1.0


def found_within(ranks: Floats, tied: Floats, places: Any) -> Floats:
    """How often each own item is among the best `places`, if ties are broken at random; of mid-ranks and their ties."""
    best = ranks - tied / 2  # the best place it can have
    return np.clip((places - best + 1) / (tied + 1), 0, 1)


def reciprocal_ranks(ranks: Floats, tied: Floats) -> Floats:
    """Mean of 1 / place of each own item over the places that it shares with its ties."""
    best = ranks - tied / 2
    return (digamma(best + tied + 1) - digamma(best)) / (tied + 1)


def retrieval(ranks: Floats, tied: Floats | None = None) -> dict[str, float]:
    """Recall at 1, 5 and 10, mean reciprocal rank and median rank of any number of mid-ranks and their ties.

    Ties are broken at random, on average: a model that gives all items the same similarity is at chance.
    """
    flat = np.asarray(ranks, dtype=np.float64).ravel()
    shared = np.zeros(len(flat)) if tied is None else np.asarray(tied, dtype=np.float64).ravel()
    recalls = {f"r{k}": float(found_within(flat, shared, k).mean()) for k in CUTOFFS}
    mrr = float(reciprocal_ranks(flat, shared).mean())
    return recalls | {"mrr": mrr, "median_rank": float(np.median(flat))}


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
