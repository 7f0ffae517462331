"""How often a protein of one group scores above one of another: the area under the curve, by sequence cluster."""

from typing import NamedTuple

import numpy as np

from .association import Estimate
from .clusters import Clusters, Floats
from .distributions import mid_ranks, t_above, t_quantile
from .means import cluster_variance, satterthwaite


class Auc(NamedTuple):
    """P(high > low) + P(high = low) / 2 of p score vectors; its placements give variances and covariances."""

    value: Floats  # (p,)
    high_placements: Floats  # (p, n_high): share of the low group below each protein of the high group
    low_placements: Floats  # (p, n_low): share of the high group above each protein of the low group
    clusters: Clusters  # of the high group's proteins, then the low group's

    @property
    def _sides(self) -> list[tuple[Floats, Clusters]]:
        n = self.high_placements.shape[1]
        parts = (self.high_placements, slice(None, n)), (self.low_placements, slice(n, None))
        return [(placements, self.clusters.take(places)) for placements, places in parts]

    def error(self) -> tuple[Floats, Floats]:
        """Standard errors (p,) and their degrees of freedom.

        DeLong, DeLong and Clarke-Pearson (1988) with clusters in the place of proteins (Obuchowski, 1997): the
        placements of each group are a clustered mean, and a cluster in both groups makes them covary.
        """
        parts = [cluster_variance(placements, clusters) for placements, clusters in self._sides]
        centred = [p - p.mean(axis=1, keepdims=True) for p in (self.high_placements, self.low_placements)]
        own = [np.zeros((len(c), self.clusters.n)) for c in centred]
        n = centred[0].shape[1]
        own[0][:, :n], own[1][:, n:] = centred[0] / n, centred[1] / centred[1].shape[1]
        shared = (self.clusters.sums(own[0]) * self.clusters.sums(own[1])).sum(axis=1)
        variance = np.maximum(parts[0][0] + parts[1][0] + 2 * shared, 0)
        return np.sqrt(variance), satterthwaite(parts)

    def estimate(self, level: float = 0.95) -> Estimate:
        """Value and interval, made on the scale of the log odds, so that it stays in [0, 1].

        Where the groups are wholly apart, the ends are those of a share of m of m, m the clusters of the smaller group.
        """
        error, df = self.error()
        reach = t_quantile((1 + level) / 2, df)
        with np.errstate(divide="ignore", invalid="ignore"):
            odds, spread = np.log(self.value / (1 - self.value)), error / (self.value * (1 - self.value))
            low, high = (1 / (1 + np.exp(-(odds + sign * reach * spread))) for sign in (-1, 1))
        apart, bound = self._apart, ((1 - level) / 2) ** (1 / self._least)
        low = np.where(apart, np.where(self.value > 0.5, bound, 0.0), low)
        high = np.where(apart, np.where(self.value > 0.5, 1.0, 1 - bound), high)
        blind = ~np.isfinite(error)
        return Estimate(self.value, np.where(blind, 0.0, low), np.where(blind, 1.0, high))

    def p(self) -> Floats:
        """Two-sided p (p,) that neither group scores higher: the level at which the interval's end is 1/2."""
        error, df = self.error()
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.log(self.value / (1 - self.value)) * self.value * (1 - self.value) / error
        plain = np.where(self.value == 0.5, 1.0, 2 * t_above(np.abs(t), df))
        return np.where(self._apart, min(1.0, 2 * 0.5**self._least), plain)

    @property
    def _apart(self) -> np.ndarray:
        return (self.value == 0) | (self.value == 1)

    @property
    def _least(self) -> int:
        return min(clusters.count for _, clusters in self._sides)

    def only(self, place: int) -> "Auc":
        """That of one of the score vectors."""
        one = slice(place, place + 1)
        return Auc(self.value[one], self.high_placements[one], self.low_placements[one], self.clusters)

    def mean(self) -> "Auc":
        """The average over the p score vectors, which share their proteins."""
        high, low = (part.mean(axis=0, keepdims=True) for part in (self.high_placements, self.low_placements))
        return Auc(self.value.mean(keepdims=True), high, low, self.clusters)


def auc(high: Floats, low: Floats, clusters: Clusters) -> Auc:
    """The AUC of scores (p, n_high) over (p, n_low). Raises ValueError for a group below 2.

    clusters: of the high group's proteins, then the low group's.
    """
    n_high, n_low = high.shape[1], low.shape[1]
    if min(n_high, n_low) < 2:
        raise ValueError(f"groups of {n_high} and {n_low} proteins, expected at least 2 each")
    together = mid_ranks(np.concatenate([high, low], axis=1))
    above = (together[:, :n_high] - mid_ranks(high)) / n_low
    below = 1 - (together[:, n_high:] - mid_ranks(low)) / n_high
    return Auc(above.mean(axis=1), above, below, clusters)
