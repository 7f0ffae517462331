"""Bootstrap and corrections against ten-line loops, formulas and SciPy."""

import numpy as np
import pytest
from scipy import stats

from alignscape.statistics.bootstrap import (
    bootstrap_means,
    bootstrap_scores,
    difference_p,
    holm,
    interval,
    protein_weights,
    resample_replicates,
)


def test_weights_are_counts_of_resampled_proteins():
    """Every draw holds n proteins: weights are multiples of 1/n that sum to 1, whatever the size of a chunk."""
    weights = np.concatenate(list(protein_weights(7, draws=50, generator=np.random.default_rng(0))))
    assert weights.shape == (50, 7)
    assert np.allclose(weights * 7, np.round(weights * 7))
    assert np.allclose(weights.sum(axis=1), 1)
    assert 0 < (weights == 0).mean() < 0.6


def test_means_equal_a_loop_over_the_same_picks():
    """The matrix product equals averaging the picked proteins one draw at a time."""
    values = np.random.default_rng(1).standard_normal((3, 20))
    fast = bootstrap_means(values, draws=30, generator=np.random.default_rng(5))
    picks = np.random.default_rng(5).integers(0, 20, (30, 20))
    assert np.allclose(fast, [[values[k][p].mean() for k in range(3)] for p in picks])


def test_interval_of_a_mean_agrees_with_scipy():
    """The percentile interval of a mean is SciPy's, up to the noise of the draws."""
    values = np.random.default_rng(2).gamma(2, size=200)
    ours = interval(bootstrap_means(values[None], draws=6000, generator=np.random.default_rng(3)))
    theirs = stats.bootstrap((values,), np.mean, n_resamples=6000, method="percentile", rng=4).confidence_interval
    assert np.allclose(np.ravel(ours), theirs, atol=0.02)


def test_interval_covers_the_truth_as_often_as_it_says():
    """Over 300 made pairs with noise from proteins and from 5 seeds, the 95 % interval holds the truth about as often."""
    generator, hits = np.random.default_rng(6), 0
    for _ in range(300):
        part = generator.standard_normal(60) * 0.2 + 0.1 * generator.standard_normal((5, 1)) + 0.3
        low, high = interval(bootstrap_scores([part], draws=300, generator=generator))
        hits += low[0] <= 0.3 <= high[0]
    assert 0.88 <= hits / 300 <= 0.99


def test_few_seeds_do_not_narrow_the_interval():
    """The spread over resampled seeds is that of the standard error with s - 1, not with s."""
    seeds = np.array([0.1, 0.2, 0.6])
    draws = resample_replicates(np.tile(seeds, (20000, 1)), generator=np.random.default_rng(0))
    assert draws.std() == pytest.approx(seeds.std(ddof=1) / np.sqrt(3), rel=0.03)


def test_one_seed_adds_nothing():
    """With one seed the draws are those over proteins."""
    values = np.arange(4.0)[:, None]
    assert (resample_replicates(values, generator=np.random.default_rng(0)) == values[:, 0]).all()


def test_pairs_share_their_proteins():
    """A pair and its copy shifted by a constant differ by that constant in every draw: the bootstrap is paired."""
    part = np.random.default_rng(8).standard_normal((1, 50))
    draws = bootstrap_scores([part, part + 0.25], draws=100, generator=np.random.default_rng(9))
    assert np.allclose(draws[:, 1] - draws[:, 0], 0.25)


def test_p_of_a_difference_is_the_paired_t_test():
    """For one seed p agrees with SciPy's paired t test."""
    generator = np.random.default_rng(10)
    a, b = generator.standard_normal((2, 80)) + np.array([[0.2], [0.0]])
    draws = bootstrap_scores([a[None], b[None]], draws=8000, generator=generator)
    p = difference_p(a.mean() - b.mean(), draws[:, 0] - draws[:, 1], n=80)
    assert float(p) == pytest.approx(stats.ttest_rel(a, b).pvalue, rel=0.2)


def test_equal_scores_have_p_one():
    """No difference and no error is no evidence."""
    assert float(difference_p(0.0, np.zeros(10), n=10)) == 1


def test_holm_equals_a_loop():
    """Holm's step-down rule, written as the paper tells it."""
    p = np.random.default_rng(11).uniform(size=12) ** 3
    expected, worst = {}, 0.0
    for rank, i in enumerate(np.argsort(p)):
        worst = max(worst, min(1.0, (12 - rank) * p[i]))
        expected[i] = worst
    assert np.allclose(holm(p), [expected[i] for i in range(12)])
