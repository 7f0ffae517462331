"""Paired differences between means of one table."""

from collections.abc import Sequence

import numpy as np

from .bootstrap import holm
from .means import Means


def mean_difference(means: Means, of: Sequence[tuple[int, int]]) -> tuple[float, float, float]:
    """The mean over (a, b) of mean a minus mean b, with its interval."""
    weights = np.zeros(len(means.groups))
    for a, b in of:
        weights[a] += 1 / len(of)
        weights[b] -= 1 / len(of)
    found = means.contrasts(weights[None])
    (low,), (high,) = found.ends()
    return float(found.value[0]), float(low), float(high)


def paired_differences(means: Means, of: Sequence[tuple[int, int]]) -> list[dict[str, np.float64]]:
    """difference, low, high, p and p_corrected (Holm's over all of them) of mean a minus mean b for each (a, b)."""
    if not of:
        return []
    a, b = (list(side) for side in zip(*of, strict=True))
    found = means.differences(a, b)
    p = found.p()
    names = ("difference", "low", "high", "p", "p_corrected")
    return [dict(zip(names, row, strict=True)) for row in zip(found.value, *found.ends(), p, holm(p), strict=True)]
