"""Paired differences between scores that share their draws."""

from collections.abc import Sequence

import numpy as np

from .bootstrap import Floats, difference_p, holm, interval


def paired_differences(
    scores: Floats, draws: Floats, of: Sequence[tuple[int, int]], *, n: int
) -> list[dict[str, np.float64]]:
    """difference, low, high, p and p_corrected (Holm's over all of them) of score a minus score b for each (a, b).

    scores: (p,). draws: (draws, p) bootstrap draws of them, paired over the n proteins.
    """
    if not of:
        return []
    a, b = (list(side) for side in zip(*of, strict=True))
    difference, resampled = scores[a] - scores[b], draws[:, a] - draws[:, b]
    low, high = interval(resampled)
    p = difference_p(difference, resampled, n=n)
    names = ("difference", "low", "high", "p", "p_corrected")
    return [dict(zip(names, row, strict=True)) for row in zip(difference, low, high, p, holm(p), strict=True)]
