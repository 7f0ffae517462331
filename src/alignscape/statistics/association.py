"""Pearson, Spearman, slope and AUC with their intervals, for many score vectors at once."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from .bootstrap import Floats, bootstrap_means, interval, protein_weights

_COLUMNS = 16  # draws ranked at once: so few that the work stays in the processor's cache


class Estimate(NamedTuple):
    """Values (p,) with the ends of their 95 % intervals (p,)."""

    value: Floats
    low: Floats
    high: Floats


def standardise(values: Floats) -> Floats:
    """Rows (k, n) with mean 0 and variance 1; a constant row becomes NaN, as nothing correlates with it."""
    centred = values - values.mean(axis=-1, keepdims=True)
    sd = centred.std(axis=-1, keepdims=True)
    # A constant row's centred values can be rounding dust instead of 0.
    flat = sd <= 1e-12 * np.maximum(np.abs(values).max(axis=-1, keepdims=True), 1e-300)
    return np.where(flat, np.nan, centred / np.where(flat, 1, sd))


class Line(NamedTuple):
    """Least squares of scores on one variable: scores = intercept + slope x; standardised = Pearson's r."""

    slope: Estimate
    intercept: Floats
    standardised: Estimate
    draws: Floats  # (draws, p) of the standardised slope


def lines(x: Floats, scores: Floats, *, draws: int, generator: np.random.Generator) -> Line:
    """Slopes of scores (p, n) on x (n,), with bootstrap intervals over proteins."""
    p, zx, zy = len(scores), standardise(x[None])[0], standardise(scores)
    moments = np.concatenate([zx[None], zx[None] ** 2, zy, zy**2, zx * zy])
    m = bootstrap_means(moments, draws=draws, generator=generator)
    mx, vx = m[:, :1], m[:, 1:2] - m[:, :1] ** 2
    my = m[:, 2 : 2 + p]
    vy, cov = m[:, 2 + p : 2 + 2 * p] - my**2, m[:, 2 + 2 * p :] - mx * my
    r, scale = (zx * zy).mean(axis=1), scores.std(axis=1) / x.std() if x.std() else np.full(p, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = Estimate(r * scale, *(end * scale for end in interval(cov / vx)))
        resampled = cov / np.sqrt(vx * vy)
    return Line(slope, scores.mean(axis=1) - slope.value * x.mean(), Estimate(r, *interval(resampled)), resampled)


def weighted_ranks(values: Floats, weights: Floats) -> Floats:
    """Mid-ranks (n, b), 0 to 1, of values (n,) in samples that hold value j with weight (n, b); ties share a rank.

    Proteins come first, so that sorting them moves whole rows of memory.
    """
    distinct, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    mass = weights[np.argsort(group, kind="stable")]
    if len(distinct) < len(values):
        mass = np.add.reduceat(mass, np.concatenate([[0], np.cumsum(counts)[:-1]]), axis=0)
    ranks = np.cumsum(mass, axis=0)
    mass /= 2
    ranks -= mass
    return ranks[group]


def _weighted_pearson(x: Floats, y: Floats, weights: Floats) -> Floats:
    """r (b,) of columns x, y (n, b) under weights (n, b) that sum to 1."""
    wx, wy = weights * x, weights * y
    mx, my = wx.sum(axis=0), wy.sum(axis=0)
    cov, vx, vy = (np.einsum("nb,nb->b", a, b) for a, b in ((wx, y), (wx, x), (wy, y)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (cov - mx * my) / np.sqrt((vx - mx**2) * (vy - my**2))


class Spearman(NamedTuple):
    """Rank correlation of p score vectors with one variable."""

    rho: Estimate
    p: Floats


def spearman(x: Floats, scores: Floats, *, draws: int, generator: np.random.Generator) -> Spearman:
    """Spearman's rho of scores (p, n) with x (n,): bootstrap interval, ranked anew in each draw, and the t test's p."""
    rho = standardise(stats.rankdata(scores, axis=1)) @ standardise(stats.rankdata(x)[None])[0] / len(x)
    resampled = []
    for chunk in protein_weights(len(x), draws=draws, generator=generator):
        for part in np.array_split(chunk, -(-len(chunk) // _COLUMNS)):
            weights = np.ascontiguousarray(part.T)
            ranks = weighted_ranks(x, weights)
            resampled.append([_weighted_pearson(ranks, weighted_ranks(s, weights), weights) for s in scores])
    low, high = _finite_interval(np.concatenate(resampled, axis=1).T)
    return Spearman(Estimate(rho, low, high), _spearman_p(rho, len(x)))


def _finite_interval(draws: Floats) -> tuple[Floats, Floats]:
    """Percentiles over the draws that have the statistic (a resample can be constant); NaN where they are few."""
    ends = np.full((2, draws.shape[1]), np.nan)
    for column in range(draws.shape[1]):
        finite = draws[np.isfinite(draws[:, column]), column]
        if len(finite) > len(draws) / 2:
            ends[:, column] = interval(finite)
    return ends[0], ends[1]


def _spearman_p(rho: Floats, n: int) -> Floats:
    if n < 3:
        return np.full(len(rho), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 2 * stats.t.sf(np.abs(rho) * np.sqrt((n - 2) / (1 - rho**2)), df=n - 2)


class Auc(NamedTuple):
    """How often a protein of one group scores above one of another; its placements give variances and covariances."""

    value: Floats  # (p,)
    high_placements: Floats  # (p, n_high): share of the low group below each protein of the high group
    low_placements: Floats  # (p, n_low): share of the high group above each protein of the low group

    @property
    def error(self) -> Floats:
        """Standard errors (p,) after DeLong, DeLong and Clarke-Pearson (1988)."""
        parts = (self.high_placements, self.low_placements)
        return np.sqrt(sum(part.var(axis=1, ddof=1) / part.shape[1] for part in parts))

    def estimate(self) -> Estimate:
        """Value and normal interval, cut to [0, 1]."""
        reach = stats.norm.ppf(0.975) * self.error
        return Estimate(self.value, np.clip(self.value - reach, 0, 1), np.clip(self.value + reach, 0, 1))

    def mean(self) -> "Auc":
        """The average over the p score vectors, which share their proteins."""
        high, low = (part.mean(axis=0, keepdims=True) for part in (self.high_placements, self.low_placements))
        return Auc(self.value.mean(keepdims=True), high, low)


def auc(high: Floats, low: Floats) -> Auc:
    """P(high > low) + P(high = low) / 2 of scores (p, n_high), (p, n_low). Raises ValueError for a group below 2."""
    n_high, n_low = high.shape[1], low.shape[1]
    if min(n_high, n_low) < 2:
        raise ValueError(f"groups of {n_high} and {n_low} proteins, expected at least 2 each")
    together = stats.rankdata(np.concatenate([high, low], axis=1), axis=1)
    above = (together[:, :n_high] - stats.rankdata(high, axis=1)) / n_low
    below = 1 - (together[:, n_high:] - stats.rankdata(low, axis=1)) / n_high
    return Auc(above.mean(axis=1), above, below)


def permutation_p(high: Floats, low: Floats, *, permutations: int, generator: np.random.Generator) -> Floats:
    """Two-sided p (p,) of the AUC under exchanged group labels, (1 + as extreme) / (1 + permutations)."""
    scores = np.concatenate([high, low], axis=1)
    centred = stats.rankdata(scores, axis=1) - (scores.shape[1] + 1) / 2
    observed = np.abs(centred[:, : high.shape[1]].sum(axis=1))
    extreme = np.zeros(len(scores))
    for labels in _permuted_labels(high.shape[1], scores.shape[1], permutations, generator):
        # Rank sums are multiples of a half: the slack only absorbs rounding.
        extreme += (np.abs(labels @ centred.T) >= observed - 1e-6).sum(axis=0)
    return (1 + extreme) / (1 + permutations)


def _permuted_labels(n_high: int, n: int, permutations: int, generator: np.random.Generator) -> Iterator[Floats]:
    labels: NDArray[np.float64] = np.zeros(n)
    labels[:n_high] = 1
    size = max(1, 4_000_000 // n)
    for start in range(0, permutations, size):
        yield generator.permuted(np.tile(labels, (min(size, permutations - start), 1)), axis=1)
