"""How many proteins would decide what these could not."""

import math

import numpy as np
from numpy.typing import ArrayLike

from .clusters import Floats
from .distributions import normal_quantile

POWER = 0.8  # share of such studies that would decide


def proteins_needed(distance: ArrayLike, error: ArrayLike, n: int, *, comparisons: int = 1) -> Floats:
    """Proteins (k,) with which a value (k,) at that distance (k,) from its bound would be beyond chance in 8 of 10 such studies.

    error: of the value with n proteins, taken to shrink with the root of their number (so with as many more clusters,
    and seeds enough). comparisons: the 5 % are shared by so many. Infinite at no distance; NaN where the error is.
    """
    reach = normal_quantile(1 - 0.025 / comparisons) + normal_quantile(POWER)
    with np.errstate(divide="ignore", invalid="ignore"):
        return n * np.square(reach * np.asarray(error, dtype=float) / np.asarray(distance, dtype=float))


def about(proteins: float) -> str:
    """A number of proteins to two digits, upwards: `about 1,300 proteins`."""
    if not proteins < 1e6:
        return "more than a million proteins"
    size = 10 ** max(math.floor(math.log10(max(proteins, 1))) - 1, 0)
    return f"about {math.ceil(proteins / size) * size:,} proteins"
