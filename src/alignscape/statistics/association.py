"""Pearson, Spearman and slope with their intervals, for many score vectors at once."""

from typing import NamedTuple

import numpy as np

from .bootstrap import bootstrap_means, interval, protein_weights
from .clusters import Clusters, Floats
from .distributions import mid_ranks, t_above
from .means import cluster_variance

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


def lines(x: Floats, scores: Floats, clusters: Clusters, *, draws: int, generator: np.random.Generator) -> Line:
    """Slopes of scores (p, n) on x (n,), with bootstrap intervals over clusters."""
    p, unit_x, unit_scores = len(scores), standardise(x[None])[0], standardise(scores)
    moments = np.concatenate([unit_x[None], unit_x[None] ** 2, unit_scores, unit_scores**2, unit_x * unit_scores])
    means = bootstrap_means(moments, clusters, draws=draws, generator=generator)
    mean_x, variance_x = means[:, :1], means[:, 1:2] - means[:, :1] ** 2
    mean = means[:, 2 : 2 + p]
    variance = means[:, 2 + p : 2 + 2 * p] - mean**2
    covariance = means[:, 2 + 2 * p :] - mean_x * mean
    r = (unit_x * unit_scores).mean(axis=1)
    scale = scores.std(axis=1) / x.std() if x.std() else np.full(p, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = interval(covariance / variance_x, df=clusters.effective - 1)
        slope = Estimate(r * scale, *(end * scale for end in ends))
        resampled = covariance / np.sqrt(variance_x * variance)
    standardised = Estimate(r, *interval(resampled, df=clusters.effective - 1))
    return Line(slope, scores.mean(axis=1) - slope.value * x.mean(), standardised, resampled)


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
    weighted_x, weighted_y = weights * x, weights * y
    mean_x, mean_y = weighted_x.sum(axis=0), weighted_y.sum(axis=0)
    product, square_x, square_y = (
        np.einsum("nb,nb->b", a, b) for a, b in ((weighted_x, y), (weighted_x, x), (weighted_y, y))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return (product - mean_x * mean_y) / np.sqrt((square_x - mean_x**2) * (square_y - mean_y**2))


class Spearman(NamedTuple):
    """Rank correlation of p score vectors with one variable."""

    rho: Estimate
    p: Floats


def spearman(x: Floats, scores: Floats, clusters: Clusters, *, draws: int, generator: np.random.Generator) -> Spearman:
    """Spearman's rho of scores (p, n) with x (n,): bootstrap interval, ranked anew in each draw, and the t test's p.

    The test's n is the number of independent proteins that would give rho the error that its clusters give it.
    """
    products = standardise(mid_ranks(scores)) * standardise(mid_ranks(x)[None])[0]  # (p, n)
    resampled = []
    for chunk in protein_weights(clusters, draws=draws, generator=generator):
        for part in np.array_split(chunk, -(-len(chunk) // _COLUMNS)):
            weights = np.ascontiguousarray(part.T)
            ranks = weighted_ranks(x, weights)
            resampled.append([_weighted_pearson(ranks, weighted_ranks(s, weights), weights) for s in scores])
    rho, ends = products.mean(axis=1), interval(np.concatenate(resampled, axis=1).T, df=clusters.effective - 1)
    return Spearman(Estimate(rho, *ends), correlation_p(products, clusters))


def correlation_p(products: Floats, clusters: Clusters) -> Floats:
    """Two-sided p (p,) of correlations, the means of products (p, n) of standardised numbers, by Student's t.

    Where every protein is alone it is the t test of a correlation with n - 2 degrees of freedom; clusters divide t's
    square by what they multiply the variance of the mean product with, and lessen the degrees of freedom.
    """
    n = products.shape[1]
    if n < 3:
        return np.full(len(products), np.nan)
    r = products.mean(axis=1)
    variance, df = cluster_variance(products, clusters)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = variance / cluster_variance(products, Clusters.alone(n))[0]
        t = np.abs(r) * np.sqrt((n - 2) / (1 - r**2) / effect)
        return 2 * t_above(t, df=np.minimum(n - 2, df))
