"""Slopes, correlations and AUC against SciPy, scikit-learn and loops."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from alignscape.statistics.association import auc, lines, permutation_p, spearman, standardise, weighted_ranks


@pytest.fixture
def data():
    """A variable (80,) with ties, and two score vectors (2, 80), the first of which depends on it."""
    generator = np.random.default_rng(0)
    x = generator.integers(30, 60, 80).astype(float)
    return x, np.stack([0.01 * x + 0.1 * generator.standard_normal(80), generator.standard_normal(80)])


def test_lines_equal_scipy(data):
    """Slope, intercept and r are those of scipy.stats.linregress."""
    x, scores = data
    line = lines(x, scores, draws=200, generator=np.random.default_rng(1))
    for k, y in enumerate(scores):
        theirs = stats.linregress(x, y)
        assert line.slope.value[k] == pytest.approx(theirs.slope)
        assert line.intercept[k] == pytest.approx(theirs.intercept)
        assert line.standardised.value[k] == pytest.approx(theirs.rvalue)


def test_bootstrap_of_lines_equals_a_loop(data):
    """The draws made of weighted moments are regressions on the resampled proteins."""
    x, scores = data
    line = lines(x, scores, draws=40, generator=np.random.default_rng(2))
    picks = np.random.default_rng(2).integers(0, 80, (40, 80))
    assert np.allclose(line.draws, [[stats.pearsonr(x[p], y[p]).statistic for y in scores] for p in picks])
    slopes = np.array([[stats.linregress(x[p], y[p]).slope for y in scores] for p in picks])
    assert np.allclose(line.slope.low, np.quantile(slopes, 0.025, axis=0))


def test_spearman_equals_scipy_with_ties(data):
    """rho and p are those of scipy.stats.spearmanr."""
    x, scores = data
    found = spearman(x, scores, draws=50, generator=np.random.default_rng(3))
    for k, y in enumerate(scores):
        theirs = stats.spearmanr(x, y)
        assert found.rho.value[k] == pytest.approx(theirs.statistic)
        assert found.p[k] == pytest.approx(theirs.pvalue)


def test_spearman_is_ranked_anew_in_each_draw(data):
    """The interval is that of SciPy's rho on the resampled proteins."""
    x, scores = data
    found = spearman(x, scores[:1], draws=60, generator=np.random.default_rng(4))
    picks = np.random.default_rng(4).integers(0, 80, (60, 80))
    rho = [stats.spearmanr(x[p], scores[0][p]).statistic for p in picks]
    assert np.allclose([found.rho.low[0], found.rho.high[0]], np.quantile(rho, [0.025, 0.975]))


def test_weighted_ranks_are_mid_ranks_of_the_resample():
    """A value's rank is the share of the sample below it and half of that equal to it."""
    values, weights = np.array([3.0, 1.0, 3.0, 2.0]), np.array([[0.5, 0.0, 0.25, 0.25]]).T
    assert weighted_ranks(values, weights)[:, 0].tolist() == [0.625, 0.0, 0.625, 0.125]


def test_constant_scores_have_no_correlation():
    """A constant row gives NaN (null in files), not a division error or a number made of rounding dust."""
    assert np.isnan(standardise(np.full((1, 9), 0.1))).all()


def test_auc_equals_scikit_learn_with_ties():
    """AUC is roc_auc_score."""
    generator = np.random.default_rng(5)
    high, low = generator.integers(2, 9, (2, 13)), generator.integers(0, 7, (2, 21))
    labels = np.repeat([1, 0], [13, 21])
    theirs = [roc_auc_score(labels, np.concatenate([h, lo])) for h, lo in zip(high, low, strict=True)]
    assert np.allclose(auc(high, low).value, theirs)


def test_auc_error_is_delongs():
    """DeLong's variance, written as two loops over the groups."""
    generator = np.random.default_rng(6)
    high, low = generator.standard_normal((1, 9)) + 1, generator.standard_normal((1, 14))

    def beats(a, b):
        return (a > b) + 0.5 * (a == b)

    v10 = [np.mean([beats(h, lo) for lo in low[0]]) for h in high[0]]
    v01 = [np.mean([beats(h, lo) for h in high[0]]) for lo in low[0]]
    variance = np.var(v10, ddof=1) / 9 + np.var(v01, ddof=1) / 14
    assert auc(high, low).error[0] == pytest.approx(np.sqrt(variance))


def test_auc_error_matches_a_bootstrap():
    """The analytic error of the mean over two score vectors of the same proteins is what resampling them gives."""
    generator = np.random.default_rng(7)
    shared = generator.standard_normal(110)
    scores = np.stack([shared, shared + 0.5 * generator.standard_normal(110)]) + np.repeat([0.5, 0.0], [50, 60])
    high, low = scores[:, :50], scores[:, 50:]
    resampled = [
        auc(high[:, generator.integers(0, 50, 50)], low[:, generator.integers(0, 60, 60)]).value.mean()
        for _ in range(800)
    ]
    assert auc(high, low).mean().error[0] == pytest.approx(np.std(resampled), rel=0.15)


def test_permutation_p_agrees_with_mann_whitney():
    """The permutation p of an AUC is that of the exact rank test, up to the noise of the draws."""
    generator = np.random.default_rng(8)
    high, low = generator.standard_normal((1, 12)) + 0.6, generator.standard_normal((1, 15))
    p = permutation_p(high, low, permutations=20000, generator=generator)
    assert p[0] == pytest.approx(stats.mannwhitneyu(high[0], low[0], method="exact").pvalue, abs=0.012)


def test_groups_of_one_are_refused():
    """One protein has no spread."""
    with pytest.raises(ValueError, match="groups of 1 and 5 proteins"):
        auc(np.zeros((1, 1)), np.zeros((1, 5)))
