"""How many proteins would decide what these could not."""

import math

import numpy as np
from scipy import stats

POWER = 0.8  # share of such studies that would decide


def proteins_needed(distance: float, error: float, n: int, *, comparisons: int = 1) -> float:
    """Proteins with which a value at that distance from its bound would be beyond chance in 8 of 10 such studies.

    error: of the value with n proteins, taken to shrink with the root of their number (so with as many more clusters,
    and seeds enough). comparisons: the 5 % are shared by so many. Infinite at no distance; NaN where the error is.
    """
    reach = stats.norm.ppf(1 - 0.025 / comparisons) + stats.norm.ppf(POWER)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(n * np.square(np.divide(reach * error, distance)))


def about(proteins: float) -> str:
    """A number of proteins to two digits, upwards: `about 1,300 proteins`."""
    if not proteins < 1e6:
        return "more than a million proteins"
    size = 10 ** max(math.floor(math.log10(max(proteins, 1))) - 1, 0)
    return f"about {math.ceil(proteins / size) * size:,} proteins"
