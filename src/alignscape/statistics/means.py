"""Means over proteins and seeds, and their differences: errors by sequence cluster and the degrees of freedom."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .clusters import Clusters, Floats
from .distributions import t_above, t_quantile

_CELLS = 4_000_000  # of the values looked at at once: bounds the memory at some 100 MB


class Estimates(NamedTuple):
    """Values (k,), their standard errors and the degrees of freedom of these; an infinite error knows nothing."""

    value: Floats
    error: Floats
    df: Floats

    def ends(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Lower and upper ends (k,) of Student's interval of that level."""
        reach = t_quantile((1 + level) / 2, self.df) * self.error
        return self.value - reach, self.value + reach

    def p(self) -> Floats:
        """Two-sided p (k,) that the value is 0; 1 where value and error are both 0."""
        return np.where(self._nothing(), 1.0, 2 * t_above(np.abs(self._t()), self.df))

    def p_above(self, bound: float = 0.0) -> Floats:
        """One-sided p (k,) that the value is no more than `bound`."""
        return np.where(self._nothing(bound), 1.0, t_above(self._t(bound), self.df))

    def widened(self, variance: Floats | float, df: Floats | float) -> "Estimates":
        """The same values with a further, independent source of error: its variance (k,) and that one's degrees of freedom."""
        error = np.sqrt(self.error**2 + variance)
        return Estimates(
            self.value, error, satterthwaite([(self.error**2, self.df), (np.asarray(variance), np.asarray(df))])
        )

    def _t(self, bound: float = 0.0) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return (self.value - bound) / self.error

    def _nothing(self, bound: float = 0.0) -> np.ndarray:
        return (self.value == bound) & (self.error == 0)


@dataclass(frozen=True, eq=False)
class Means:
    """p means of values (s_i, n) over replicates (seeds, or draws of heads) and n proteins that all p share.

    Replicates count as each mean's own. Pairs do share the order of batches, and those of one shape their initial weights,
    by seed; what a seed does to one pair's score was found not to go with what it does to another's (r of -.07 and .06).
    A single replicate says nothing of its noise, which is then left out.
    """

    groups: Sequence[Floats]
    clusters: Clusters
    influences: Sequence[Floats] | None = None  # as groups, but for a constant what a protein moves its mean by, if
    # that is more than its own value: a score takes off means over other proteins, which it is one of as well

    @cached_property
    def by_protein(self) -> Floats:
        """Means over replicates (p, n)."""
        return self._by_protein(self.groups)

    @cached_property
    def influence(self) -> Floats:
        """What each protein moves the means by (p, n), up to a constant."""
        return self.by_protein if self.influences is None else self._by_protein(self.influences)

    def _by_protein(self, groups: Sequence[Floats]) -> Floats:
        rows = [group.mean(axis=0) for group in groups]
        return np.stack(rows) if rows else np.empty((0, self.clusters.n))

    @cached_property
    def value(self) -> Floats:
        """The means (p,)."""
        return self.by_protein.mean(axis=1)

    @cached_property
    def _replicates(self) -> tuple[Floats, Floats]:
        """Variance (p,) of each mean that its replicates explain, and degrees of freedom (p,)."""
        count = np.array([len(group) for group in self.groups], dtype=float)
        spread = [group.mean(axis=1).var(ddof=1) if len(group) > 1 else 0.0 for group in self.groups]
        return np.array(spread) / count, np.maximum(count - 1, 1)

    def estimates(self) -> Estimates:
        """Each mean by itself (p,)."""
        return self.contrasts(np.eye(len(self.groups)))

    def only(self, place: int) -> "Means":
        """One of the means."""
        influences = None if self.influences is None else [self.influences[place]]
        return Means([self.groups[place]], self.clusters, influences)

    def differences(self, a: Sequence[int] | NDArray[np.integer], b: Sequence[int] | NDArray[np.integer]) -> Estimates:
        """Mean a minus mean b for each place of a and b (k,), paired over the proteins."""
        weights = np.zeros((len(a), len(self.groups)))
        rows = np.arange(len(a))
        np.add.at(weights, (rows, np.asarray(a, dtype=int)), 1)
        np.add.at(weights, (rows, np.asarray(b, dtype=int)), -1)
        return self.contrasts(weights)

    def contrasts(self, weights: Floats) -> Estimates:
        """Weighted sums of the means, for each row of weights (k, p).

        The variance is that between clusters plus that between replicates of every mean that is in it; degrees of
        freedom by Satterthwaite (1946).
        """
        size = max(1, _CELLS // max(self.clusters.n, 1))
        parts = [self._contrasts(weights[i : i + size]) for i in range(0, len(weights), size)]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)] or [np.empty(0)] * 3
        return Estimates(*columns)

    def _contrasts(self, weights: Floats) -> Estimates:
        between, df = cluster_variance(weights @ self.influence, self.clusters)
        noise, noise_df = self._replicates
        own = weights**2 * noise
        variance = between + own.sum(axis=1)
        return Estimates(
            weights @ self.value, np.sqrt(variance), satterthwaite([(between, df), (own.T, noise_df[:, None])])
        )


def together(parts: Sequence[Means]) -> Means:
    """The means of several parts of the same proteins, one after the other."""
    groups = [group for part in parts for group in part.groups]
    influences = [x for part in parts for x in (part.groups if part.influences is None else part.influences)]
    return Means(groups, parts[0].clusters, influences)


def difference_between(a: Means, b: Means, *, paired: bool) -> Estimates:
    """One mean minus another; paired: both are of the same proteins in the same order, else of unrelated ones."""
    if paired:
        return together([a, b]).differences([0], [1])
    one, other = a.estimates(), b.estimates()
    variances = [(e.error**2, e.df) for e in (one, other)]
    error = np.sqrt(one.error**2 + other.error**2)
    return Estimates(one.value - other.value, error, satterthwaite(variances))


def satterthwaite(parts: Sequence[tuple[Floats, Floats]]) -> Floats:
    """Degrees of freedom (k,) of a sum of independent variances (..., k), each with its own degrees of freedom."""
    variances = np.concatenate([np.atleast_2d(v) for v, _ in parts])
    df = np.concatenate([np.broadcast_to(np.atleast_2d(d), np.atleast_2d(v).shape) for v, d in parts])
    least = df[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = variances.sum(axis=0) ** 2 / (variances**2 / df).sum(axis=0)
    return np.where(np.isfinite(found), found, least)


def intraclass(values: Floats, clusters: Clusters) -> Floats:
    """Intra-cluster correlation (k,) of values (k, n), 0 to 1, by analysis of variance; 0 where no cluster has two."""
    n, c, sizes = clusters.n, clusters.count, clusters.sizes
    if n == c or c < 2:
        return np.zeros(len(values))
    centred = values - values.mean(axis=1, keepdims=True)
    between = (clusters.sums(centred) ** 2 / sizes).sum(axis=1)
    within = np.maximum((centred**2).sum(axis=1) - between, 0) / (n - c)
    size = (n - (sizes.astype(float) ** 2).sum() / n) / (c - 1)
    shared = np.maximum(between / (c - 1) - within, 0) / size
    total = shared + within
    return np.divide(shared, total, out=np.zeros_like(total), where=total > 0)


def cluster_variance(values: Floats, clusters: Clusters) -> tuple[Floats, Floats]:
    """Variance (k,) of the mean over proteins of values (k, n), and its degrees of freedom (k,).

    The squares of the clusters' totals about the mean, each freed of what estimating the mean takes from it, under a
    model of equally correlated members (CR2 of Bell and McCaffrey, 2002, with their degrees of freedom: few or very
    unequal clusters have few). Where every protein is alone it is the variance over n with n - 1 degrees of freedom.
    One cluster tells nothing: an infinite variance.
    """
    n, sizes = clusters.n, clusters.sizes.astype(float)
    if clusters.count < 2:
        return np.full(len(values), np.inf), np.ones(len(values))
    totals = clusters.sums(values - values.mean(axis=1, keepdims=True))  # (k, c)
    expected = sizes * (1 + (sizes - 1) * intraclass(values, clusters)[:, None])  # of a total's square, (k, c)
    whole = expected.sum(axis=1)
    share = sizes / n
    left = expected * (1 - 2 * share) + share**2 * whole[:, None]  # of a total about the estimated mean
    freed = expected / left
    variance = (freed * totals**2).sum(axis=1) / n**2
    return variance, whole**2 / _twice_trace(freed, expected, share, whole)


def _twice_trace(freed: Floats, expected: Floats, share: Floats, whole: Floats) -> Floats:
    """Half the variance (k,) of the sum of freed squares of normal totals: trace of (A C)^2 in closed form.

    A = diag(freed); C = diag(expected) - share expected' - expected share' + whole share share'.
    """
    alone = (freed**2 * expected**2).sum(axis=1)
    cross = 2 * (freed**2 * expected * (whole[:, None] * share**2 - 2 * share * expected)).sum(axis=1)
    ss, se, ee = ((freed * x).sum(axis=1) for x in (share**2, share * expected, expected**2))
    return alone + cross + 2 * ss * ee + 2 * se**2 + whole**2 * ss**2 - 4 * whole * ss * se
