"""Bootstrap over clusters and corrections against ten-line loops, formulas and SciPy."""

import numpy as np
import pytest
from scipy import stats

from alignscape.statistics.bootstrap import bias_corrected, bootstrap_means, holm, interval, protein_weights
from alignscape.statistics.clusters import Clusters

FAMILIES = Clusters.of([0, 1, 1, 2, 3, 3, 3])


def test_weights_are_counts_of_resampled_clusters():
    """Whole clusters are drawn: members weigh the same, a draw holds as many clusters as there are, weights sum to 1."""
    weights = np.concatenate(list(protein_weights(FAMILIES, draws=50, generator=np.random.default_rng(0))))
    assert weights.shape == (50, 7)
    assert np.allclose(weights.sum(axis=1), 1)
    assert (weights[:, 1] == weights[:, 2]).all()
    assert (weights[:, 4] == weights[:, 6]).all()
    drawn = weights[:, [0, 1, 3, 4]] / weights[:, [0, 1, 3, 4]].sum(axis=1, keepdims=True) * 4
    assert np.allclose(drawn, np.round(drawn))


def test_means_equal_a_loop_over_the_same_picks():
    """The matrix product equals pooling the members of the picked clusters one draw at a time."""
    values = np.random.default_rng(1).standard_normal((3, 7))
    fast = bootstrap_means(values, FAMILIES, draws=30, generator=np.random.default_rng(5))
    members = [np.flatnonzero(FAMILIES.codes == g) for g in range(4)]
    picks = np.random.default_rng(5).integers(0, 4, (30, 4))
    slow = [values[:, np.concatenate([members[g] for g in pick])].mean(axis=1) for pick in picks]
    assert np.allclose(fast, slow)


def test_weights_give_the_same_means():
    """The two ways of drawing agree."""
    values = np.random.default_rng(2).standard_normal((2, 7))
    weights = np.concatenate(list(protein_weights(FAMILIES, draws=20, generator=np.random.default_rng(3))))
    means = bootstrap_means(values, FAMILIES, draws=20, generator=np.random.default_rng(3))
    assert np.allclose(weights @ values.T, means)


def test_interval_of_a_mean_agrees_with_scipy():
    """The percentile interval of a mean is SciPy's, up to the noise of the draws."""
    values = np.random.default_rng(2).gamma(2, size=200)
    draws = bootstrap_means(values[None], Clusters.alone(200), draws=6000, generator=np.random.default_rng(3))
    theirs = stats.bootstrap((values,), np.mean, n_resamples=6000, method="percentile", rng=4).confidence_interval
    assert np.allclose(np.ravel(interval(draws)), theirs, atol=0.02)


@pytest.mark.parametrize("bias", [-0.4, 0, 0.7])
def test_the_corrected_interval_of_a_normal_number_seen_through_exp(bias):
    """Draws exp(N(log v - bias, 1)): on the scale where they are normal, the bias is taken off at both ends."""
    draws = np.exp(np.log(3) - bias + stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000))
    draws[::3] = np.nan  # resamples without the statistic are left out
    found = np.log(bias_corrected(3, draws))
    assert np.allclose(found, np.log(3) + bias + stats.norm.ppf([0.025, 0.975]), atol=0.01)
    assert np.isnan(bias_corrected(3, np.full(5, np.nan))).all()


def test_few_units_widen_the_interval_to_students():
    """Percentiles of normal draws around a mean of ten become the t interval with nine degrees of freedom."""
    values = np.random.default_rng(4).standard_normal(10)
    spread = values.std(ddof=0) / np.sqrt(10)
    draws = values.mean() + spread * stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    theirs = stats.t.interval(0.95, 9, loc=values.mean(), scale=stats.sem(values))
    assert np.allclose(interval(draws, df=9), theirs, atol=1e-3)


def test_draws_without_the_statistic_are_left_out():
    """A resample can be constant: the interval is that of the others, and none where they are few."""
    draws = np.array([[np.nan, np.nan], [1.0, np.nan], [2.0, 1.0], [3.0, np.nan]])
    low, high = interval(draws)
    assert (low[0], high[0]) == pytest.approx((1.05, 2.95))
    assert np.isnan([low[1], high[1]]).all()


def test_holm_equals_a_loop():
    """Holm's step-down rule, written as the paper tells it."""
    p = np.random.default_rng(11).uniform(size=12) ** 3
    expected, worst = {}, 0.0
    for rank, i in enumerate(np.argsort(p)):
        worst = max(worst, min(1.0, (12 - rank) * p[i]))
        expected[i] = worst
    assert np.allclose(holm(p), [expected[i] for i in range(12)])
