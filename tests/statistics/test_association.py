"""Slopes and correlations against SciPy and loops."""

import numpy as np
import pytest
from scipy import stats

from alignscape.statistics.association import lines, spearman, standardise, weighted_ranks
from alignscape.statistics.clusters import Clusters

ALONE = Clusters.alone(80)


@pytest.fixture
def data():
    """A variable (80,) with ties, and two score vectors (2, 80), the first of which depends on it."""
    generator = np.random.default_rng(0)
    x = generator.integers(30, 60, 80).astype(float)
    return x, np.stack([0.01 * x + 0.1 * generator.standard_normal(80), generator.standard_normal(80)])


def test_lines_equal_scipy(data):
    """Slope, intercept and r are those of scipy.stats.linregress."""
    x, scores = data
    line = lines(x, scores, ALONE, draws=200, generator=np.random.default_rng(1))
    for k, y in enumerate(scores):
        theirs = stats.linregress(x, y)
        assert line.slope.value[k] == pytest.approx(theirs.slope)
        assert line.intercept[k] == pytest.approx(theirs.intercept)
        assert line.standardised.value[k] == pytest.approx(theirs.rvalue)


def test_bootstrap_of_lines_equals_a_loop(data):
    """The draws made of weighted moments are regressions on the resampled proteins."""
    x, scores = data
    line = lines(x, scores, ALONE, draws=40, generator=np.random.default_rng(2))
    picks = np.random.default_rng(2).integers(0, 80, (40, 80))
    assert np.allclose(line.draws, [[stats.pearsonr(x[p], y[p]).statistic for y in scores] for p in picks])
    slopes = np.array([[stats.linregress(x[p], y[p]).slope for y in scores] for p in picks])
    expanded = stats.norm.cdf(np.sqrt(80 / 79) * stats.t.ppf(0.025, 79))
    assert np.allclose(line.slope.low, np.quantile(slopes, expanded, axis=0))


def test_spearman_equals_scipy_with_ties(data):
    """rho and p are those of scipy.stats.spearmanr."""
    x, scores = data
    found = spearman(x, scores, ALONE, draws=50, generator=np.random.default_rng(3))
    for k, y in enumerate(scores):
        theirs = stats.spearmanr(x, y)
        assert found.rho.value[k] == pytest.approx(theirs.statistic)
        assert found.p[k] == pytest.approx(theirs.pvalue)


def test_spearman_is_ranked_anew_in_each_draw(data):
    """The interval is that of SciPy's rho on the resampled proteins."""
    x, scores = data
    found = spearman(x, scores[:1], ALONE, draws=60, generator=np.random.default_rng(4))
    picks = np.random.default_rng(4).integers(0, 80, (60, 80))
    rho = [stats.spearmanr(x[p], scores[0][p]).statistic for p in picks]
    expanded = stats.norm.cdf(np.sqrt(80 / 79) * stats.t.ppf(0.025, 79))
    assert np.allclose([found.rho.low[0], found.rho.high[0]], np.quantile(rho, [expanded, 1 - expanded]))


def test_weighted_ranks_are_mid_ranks_of_the_resample():
    """A value's rank is the share of the sample below it and half of that equal to it."""
    values, weights = np.array([3.0, 1.0, 3.0, 2.0]), np.array([[0.5, 0.0, 0.25, 0.25]]).T
    assert weighted_ranks(values, weights)[:, 0].tolist() == [0.625, 0.0, 0.625, 0.125]


def test_constant_scores_have_no_correlation():
    """A constant row gives NaN (null in files), not a division error or a number made of rounding dust."""
    assert np.isnan(standardise(np.full((1, 9), 0.1))).all()


def test_relatives_lessen_the_evidence_for_a_correlation(data):
    """Every protein three times over in one cluster: rho, interval and p are those of each protein once."""
    x, scores = data
    once = spearman(x, scores, ALONE, draws=60, generator=np.random.default_rng(4))
    thrice = spearman(
        np.repeat(x, 3), np.repeat(scores, 3, axis=1), Clusters.of(np.repeat(np.arange(80), 3)), draws=60,
        generator=np.random.default_rng(4),
    )  # fmt: skip
    assert np.allclose(np.stack(once.rho), np.stack(thrice.rho))
    assert np.allclose(np.log(once.p), np.log(thrice.p), rtol=0.05)
