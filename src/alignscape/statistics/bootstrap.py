"""Bootstrap over sequence clusters, as matrix products, and corrections for many comparisons."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .clusters import Clusters, Floats
from .distributions import normal_below, normal_quantile, t_quantile

_CELLS = 4_000_000  # of one chunk of weights: bounds the memory at some 100 MB


def cluster_counts(clusters: Clusters, *, draws: int, generator: np.random.Generator) -> Iterator[Floats]:
    """Chunks (b, c) of how often each cluster is drawn, `draws` rows in all; each row sums to c."""
    c = clusters.count
    size = max(1, _CELLS // max(c, 1))
    for start in range(0, draws, size):
        b = min(size, draws - start)
        picks = generator.integers(0, c, (b, c)) + c * np.arange(b)[:, None]
        yield np.bincount(picks.ravel(), minlength=b * c).reshape(b, c).astype(np.float64)


def protein_weights(clusters: Clusters, *, draws: int, generator: np.random.Generator) -> Iterator[Floats]:
    """Chunks (b, n) of the proteins' weights when whole clusters are drawn again; each row sums to 1."""
    size = max(1, _CELLS // max(clusters.n, 1))
    for counts in cluster_counts(clusters, draws=draws, generator=generator):
        for part in np.array_split(counts, -(-len(counts) // size)):
            yield (part / (part @ clusters.sizes)[:, None])[:, clusters.codes]


def bootstrap_means(values: Floats, clusters: Clusters, *, draws: int, generator: np.random.Generator) -> Floats:
    """Means (draws, k) of values (k, n) over resampled clusters; the k rows share the clusters of a draw."""
    return bootstrap_of_sums(clusters.sums(values), clusters, draws=draws, generator=generator)


def bootstrap_of_sums(sums: Floats, clusters: Clusters, *, draws: int, generator: np.random.Generator) -> Floats:
    """`bootstrap_means` of values whose sums (k, c) over the members of each cluster are known."""
    sums = sums.T  # (c, k)
    chunks = cluster_counts(clusters, draws=draws, generator=generator)
    return np.concatenate([counts @ sums / (counts @ clusters.sizes)[:, None] for counts in chunks])


def interval(draws: Floats, *, level: float = 0.95, df: float | None = None) -> tuple[Floats, Floats]:
    """Lower and upper ends of the central percentile interval over the first axis; NaN where few draws are finite.

    df: degrees of freedom of the draws' spread (units drawn less one), for which the interval is widened: percentiles
    of few units are too narrow (the expanded percentiles of Hesterberg, 2015).
    """
    tail = (1 - level) / 2 if df is None else float(normal_below(_reach(level, df)))
    draws = np.asarray(draws, dtype=np.float64)
    finite = np.isfinite(draws)
    if finite.all():
        low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
        return low, high
    return _of_finite(draws, finite, [tail, 1 - tail])


def _reach(level: float, df: float | None) -> float:
    """How many standard deviations below the middle the lower end lies: Student's, for the spread of few units."""
    tail = (1 - level) / 2
    if df is None:
        return float(normal_quantile(tail))
    df = max(df, 1e-3)
    return float(np.sqrt((df + 1) / df) * t_quantile(tail, df))


def bias_corrected(value: float, draws: Floats, *, level: float = 0.95, df: float | None = None) -> tuple[float, float]:
    """Ends of the bias-corrected percentile interval (Efron, 1981) of a number with skewed draws (b,); df as above.

    Both percentiles move by twice the normal quantile of the share of draws below the number itself. Draws without
    the statistic are left out; NaN where few have it.
    """
    kept = draws[np.isfinite(draws)]
    if len(kept) <= 0.5 * len(draws):
        return np.nan, np.nan
    draws = kept
    below = (np.sum(draws < value) + 0.5 * np.sum(draws == value)) / len(draws)
    shift, reach = 2 * normal_quantile(np.clip(below, 0.5 / len(draws), 1 - 0.5 / len(draws))), _reach(level, df)
    low, high = np.quantile(draws, normal_below([shift + reach, shift - reach]))
    return float(low), float(high)


def _of_finite(draws: Floats, finite: np.ndarray, tails: list[float]) -> tuple[Floats, Floats]:
    """Quantiles over the draws that have the statistic (a resample can be constant)."""
    ends = np.full((2, *draws.shape[1:]), np.nan)
    for column in np.ndindex(draws.shape[1:]):
        kept = finite[(slice(None), *column)]
        if kept.mean() > 0.5:
            ends[(slice(None), *column)] = np.quantile(draws[(slice(None), *column)][kept], tails)
    return ends[0], ends[1]


def holm(p: Any) -> Floats:
    """Holm's corrected p values (1979): family-wise error, whatever the dependence between the comparisons."""
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1)
    return corrected
