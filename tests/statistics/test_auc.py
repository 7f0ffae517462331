"""AUC against scikit-learn, DeLong's formula, resampling and proteins counted over and over."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from alignscape.statistics.auc import auc
from alignscape.statistics.clusters import Clusters


def alone(high, low):
    """The AUC of unrelated proteins."""
    return auc(high, low, Clusters.alone(high.shape[1] + low.shape[1]))


def test_auc_equals_scikit_learn_with_ties():
    """AUC is roc_auc_score."""
    generator = np.random.default_rng(5)
    high, low = generator.integers(2, 9, (2, 13)), generator.integers(0, 7, (2, 21))
    labels = np.repeat([1, 0], [13, 21])
    theirs = [roc_auc_score(labels, np.concatenate([h, lo])) for h, lo in zip(high, low, strict=True)]
    assert np.allclose(alone(high, low).value, theirs)


def test_error_of_unrelated_proteins_is_delongs():
    """DeLong's variance, written as two loops over the groups."""
    generator = np.random.default_rng(6)
    high, low = generator.standard_normal((1, 9)) + 1, generator.standard_normal((1, 14))

    def beats(a, b):
        return (a > b) + 0.5 * (a == b)

    v10 = [np.mean([beats(h, lo) for lo in low[0]]) for h in high[0]]
    v01 = [np.mean([beats(h, lo) for h in high[0]]) for lo in low[0]]
    variance = np.var(v10, ddof=1) / 9 + np.var(v01, ddof=1) / 14
    assert alone(high, low).error()[0][0] == pytest.approx(np.sqrt(variance))


def test_error_of_families_matches_resampling_families():
    """Ten popular families of five and forty rare proteins: the error is the spread over resampled families."""
    generator = np.random.default_rng(7)
    shared = generator.standard_normal((1, 10))
    high = np.repeat(shared, 5, axis=1) + 0.5 * generator.standard_normal((1, 50))
    low = generator.standard_normal((1, 40))
    found = auc(high, low, Clusters.of([*np.repeat(np.arange(10), 5), *range(10, 50)]))
    families = high.reshape(10, 5)
    resampled = [
        alone(families[generator.integers(0, 10, 10)].reshape(1, -1), low[:, generator.integers(0, 40, 40)]).value[0]
        for _ in range(800)
    ]
    assert found.error()[0][0] == pytest.approx(np.std(resampled), rel=0.2)
    assert found.error()[0][0] > 1.3 * alone(high, low).error()[0][0]
    assert found.error()[1][0] < 20


def test_copies_in_one_cluster_tell_no_more():
    """Every protein four times over in one cluster: value, interval and p are those of each protein once."""
    generator = np.random.default_rng(8)
    high, low = generator.standard_normal((1, 12)) + 0.6, generator.standard_normal((1, 15))
    once = alone(high, low)
    copies = auc(np.repeat(high, 4, axis=1), np.repeat(low, 4, axis=1), Clusters.of(np.repeat(np.arange(27), 4)))
    assert np.allclose(np.stack(once.estimate()), np.stack(copies.estimate()))
    assert np.allclose(once.p(), copies.p())


def test_p_agrees_with_mann_whitney_and_with_the_interval():
    """p is near the exact rank test's, and is the level at which the interval ends at 1/2."""
    generator = np.random.default_rng(9)
    high, low = generator.standard_normal((1, 40)) + 0.5, generator.standard_normal((1, 50))
    found = alone(high, low)
    assert np.log(found.p()[0]) == pytest.approx(np.log(stats.mannwhitneyu(high[0], low[0]).pvalue), rel=0.2)
    assert found.estimate(1 - found.p()[0]).low[0] == pytest.approx(0.5)


def test_groups_wholly_apart_are_not_certain():
    """Ten proteins above ten others: the interval ends where ten of ten would, not at 1."""
    found = alone(np.arange(10.0)[None] + 100, np.arange(10.0)[None])
    estimate = found.estimate()
    assert (estimate.value[0], estimate.high[0]) == (1, 1)
    assert estimate.low[0] == pytest.approx(0.025 ** (1 / 10))
    assert found.p()[0] == pytest.approx(2 * 0.5**10)


def test_one_family_against_others_tells_nothing():
    """Popular proteins of a single family: the interval is everything and p is 1."""
    found = auc(np.arange(10.0)[None], np.arange(5.0, 15)[None], Clusters.of([0] * 10 + list(range(1, 11))))
    assert (found.estimate().low[0], found.estimate().high[0], found.p()[0]) == (0, 1, 1)


def test_interval_covers_the_truth_as_often_as_it_says():
    """Twelve against thirty proteins of a true AUC of 0.76, 400 times."""
    generator, truth, hits = np.random.default_rng(10), stats.norm.cdf(1 / np.sqrt(2)), 0
    for _ in range(400):
        found = alone(generator.standard_normal((1, 12)) + 1, generator.standard_normal((1, 30))).estimate()
        hits += found.low[0] <= truth <= found.high[0]
    assert 0.92 <= hits / 400 <= 0.98


def test_groups_of_one_are_refused():
    """One protein has no spread."""
    with pytest.raises(ValueError, match="groups of 1 and 5 proteins"):
        alone(np.zeros((1, 1)), np.zeros((1, 5)))
