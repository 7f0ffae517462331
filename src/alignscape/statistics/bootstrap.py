"""Bootstrap over proteins and seeds, as matrix products."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
_CELLS = 4_000_000  # of one chunk of weights: bounds the memory at some 100 MB


def protein_weights(n: int, *, draws: int, generator: np.random.Generator) -> Iterator[Floats]:
    """Chunks (b, n) of weights of resampled proteins, `draws` rows in all; each row sums to 1."""
    size = max(1, _CELLS // n)
    for start in range(0, draws, size):
        b = min(size, draws - start)
        picks = generator.integers(0, n, (b, n)) + n * np.arange(b)[:, None]
        yield np.bincount(picks.ravel(), minlength=b * n).reshape(b, n) / n


def bootstrap_means(values: Floats, *, draws: int, generator: np.random.Generator) -> Floats:
    """Means (draws, k) of values (k, n) over resampled proteins; the k rows share the proteins of a draw."""
    chunks = protein_weights(values.shape[1], draws=draws, generator=generator)
    return np.concatenate([weights @ values.T for weights in chunks])


def resample_replicates(values: Floats, *, generator: np.random.Generator) -> Floats:
    """Means (b,) of values (b, s) over resampled columns (seeds).

    The deviation from the plain mean is stretched by sqrt(s / (s - 1)), without which few seeds would give too narrow
    an interval (the rescaled bootstrap of Rao and Wu, 1988). One seed says nothing of its own noise: the values return.
    """
    b, s = values.shape
    if s == 1:
        return values[:, 0]
    picks = generator.integers(0, s, (b, s))
    centre = values.mean(axis=1)
    return centre + np.sqrt(s / (s - 1)) * (np.take_along_axis(values, picks, axis=1).mean(axis=1) - centre)


def bootstrap_scores(groups: Sequence[Floats], *, draws: int, generator: np.random.Generator) -> Floats:
    """Draws (draws, p) of the mean of each of p groups (s_i, n) over resampled proteins and, within a group, seeds.

    All groups share the proteins of a draw, so the difference of two columns is a paired bootstrap. Seeds are drawn
    for each group by itself, as the seed of one pair has nothing in common with that of another.
    """
    means = bootstrap_means(np.concatenate(groups), draws=draws, generator=generator)
    ends = np.cumsum([len(g) for g in groups])
    parts = np.split(means, ends[:-1], axis=1)
    return np.stack([resample_replicates(part, generator=generator) for part in parts], axis=1)


def interval(draws: Floats, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Lower and upper ends of the central percentile interval over the first axis."""
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    return low, high


def difference_p(value: Any, draws: Floats, *, n: int) -> Floats:
    """Two-sided p that the mean behind `value` is 0, by Student's t of value over bootstrap standard error.

    draws: (b, ...) bootstrap draws of value (...). n: proteins. 1 where value and error are both 0. A share of draws
    beyond 0 could not get below 1/b, too coarse once it is corrected for many comparisons.
    """
    error = np.asarray(draws).std(axis=0, ddof=1)
    value = np.asarray(value, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(value) / error
    return np.where((value == 0) & (error == 0), 1.0, 2 * stats.t.sf(t, df=max(n - 1, 1)))


def holm(p: Any) -> Floats:
    """Holm's corrected p values (1979): family-wise error, whatever the dependence between the comparisons."""
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1)
    return corrected
