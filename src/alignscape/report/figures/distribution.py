"""What a distribution looks like: the shape of its density, its box, and the points that are drawn of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .marks import Distribution

MOST_POINTS = 220  # drawn; the shape and the box are of all
GRID = 72
FEWEST = 5  # values that have a shape

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Box:
    """Quartiles, and the outermost values within 1.5 times their distance."""

    low: float
    q1: float
    median: float
    q3: float
    high: float


def box(values: Values) -> Box:
    """The box of `values` (n,)."""
    q1, median, q3 = np.percentile(values, [25, 50, 75])
    inside = values[(values >= q1 - 1.5 * (q3 - q1)) & (values <= q3 + 1.5 * (q3 - q1))]
    return Box(float(inside.min()), float(q1), float(median), float(q3), float(inside.max()))


def outline(values: Values) -> tuple[Values, Values] | None:
    """Places (GRID,) from the lowest to the highest value, and half the width there, at most 1; None without a shape."""
    if len(values) < FEWEST:
        return None
    at = np.linspace(values.min(), values.max(), GRID)
    half = density(values, at)
    return (at, half / half.max()) if half.max() > 0 else None


def points(mark: Distribution) -> list[tuple[float, float, str]]:
    """Value, height in [-1, 1] and id of the points drawn; of more than MOST_POINTS, evenly many over the ranks."""
    values = np.asarray(mark.values, dtype=float)
    order = np.argsort(values, kind="stable")
    if len(order) > MOST_POINTS:
        order = order[np.linspace(0, len(order) - 1, MOST_POINTS).round().astype(int)]
    room = density(values, values[order]) if len(values) >= FEWEST else np.ones(len(order))
    lift = np.random.default_rng(len(values)).uniform(-0.8, 0.8, len(order)) * room / (room.max() or 1)
    return [(float(values[i]), float(y), mark.ids[i]) for i, y in zip(order, lift, strict=True)]


def density(values: Values, at: Values) -> Values:
    """Gaussian kernel density (m,) of `values` (n,) at `at` (m,), Silverman's bandwidth; from a fine histogram."""
    spread = min(values.std(ddof=1), np.subtract(*np.percentile(values, [75, 25])) / 1.349) or values.std(ddof=1)
    width = 0.9 * spread * len(values) ** -0.2
    if not width > 0:
        return np.zeros_like(at)
    counts, edges = np.histogram(values, bins=512)
    centres = (edges[1:] + edges[:-1]) / 2
    kernel = np.exp(-0.5 * ((at[:, None] - centres) / width) ** 2)  # (m, 512)
    return kernel @ counts / (len(values) * width * np.sqrt(2 * np.pi))
