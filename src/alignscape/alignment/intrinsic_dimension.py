"""How many numbers tell one encoder's proteins apart, near each of them: the intrinsic dimension by two nearest neighbours."""

from typing import NamedTuple

import numpy as np

from .geometry import Floats

KEPT = 0.9  # of the ratios: the largest are those of proteins that stand alone (Facco et al. leave out as many)
FEWEST = 10  # proteins that are no copies
_COPY = 1e-6  # distances of unit rows below which two are copies


class Dimension(NamedTuple):
    """The estimate with the ends of its 95 % interval; NaN of too few proteins. n: the proteins that it is of, each copy once."""

    value: float
    low: float
    high: float
    n: int


def intrinsic_dimension(distances: Floats) -> Dimension:
    """TwoNN (Facco et al., Sci. Rep. 2017, doi 10.1038/s41598-017-11873-y) from the distances (n, n) of all pairs.

    The ratios of the distances to the second and the first neighbour follow a Pareto law of exponent d wherever the density
    is even over that range. d is that law's estimate from the smallest tenths `KEPT`, the others counted as at least so
    large: unbiased, and with an exact interval by chi squared if the ratios are independent. Of copies one is kept.
    """
    from scipy.special import chdtri

    ratios = np.sort(_ratios(distances))
    n, kept = len(ratios), int(KEPT * len(ratios))
    if n < FEWEST or ratios[kept - 1] <= 1:
        return Dimension(np.nan, np.nan, np.nan, n)
    logs = np.log(ratios[:kept])
    total = float(logs.sum() + (n - kept) * logs[-1])
    low, high = (float(chdtri(2 * kept, above)) / (2 * total) for above in (0.975, 0.025))
    return Dimension((kept - 1) / total, low, high, n)


def _ratios(distances: Floats) -> Floats:
    """(m,) second over first neighbour's distance of the proteins, of which copies count once."""
    copies = np.triu(distances < _COPY, 1).any(axis=0)
    others = distances[np.ix_(~copies, ~copies)]
    if len(others) < FEWEST:
        return np.ones(len(others))
    np.fill_diagonal(others, np.inf)
    first, second = np.partition(others, 1, axis=1)[:, :2].T
    return second / first
