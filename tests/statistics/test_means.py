"""Errors of means over clusters and seeds against SciPy, loops and random matrices."""

import numpy as np
import pytest
from scipy import stats

from alignscape.statistics.clusters import Clusters
from alignscape.statistics.contrast import paired_differences
from alignscape.statistics.means import Means, cluster_variance, difference_between, intraclass, satterthwaite


def test_unrelated_proteins_give_the_paired_t_test():
    """One seed, every protein alone: interval and p of a difference are SciPy's."""
    a, b = np.random.default_rng(0).standard_normal((2, 80)) + np.array([[0.2], [0.0]])
    found = Means([a[None], b[None]], Clusters.alone(80)).differences([0], [1])
    theirs = stats.ttest_rel(a, b)
    assert found.p()[0] == pytest.approx(theirs.pvalue)
    assert np.ravel(found.ends()) == pytest.approx(theirs.confidence_interval())


def test_one_protein_gives_the_t_test_over_seeds():
    """Where proteins do not vary, the error of a difference is Welch's of the seeds, with his degrees of freedom."""
    generator = np.random.default_rng(1)
    seeds = [generator.standard_normal(5), generator.standard_normal(3) * 2]
    means = Means([np.repeat(s[:, None], 6, axis=1) for s in seeds], Clusters.alone(6))
    found = means.differences([0], [1])
    theirs = stats.ttest_ind(*seeds, equal_var=False)
    assert (found.p()[0], found.df[0]) == (pytest.approx(theirs.pvalue), pytest.approx(theirs.df))


def test_copies_in_one_cluster_tell_no_more():
    """Every protein three times over in one cluster: value, error and degrees of freedom are those of each once."""
    values = np.random.default_rng(2).standard_normal((2, 4, 30))
    once = Means(list(values), Clusters.alone(30)).differences([0], [1])
    thrice = Means(list(np.repeat(values, 3, axis=2)), Clusters.of(np.repeat(np.arange(30), 3))).differences([0], [1])
    assert np.allclose(np.stack(once), np.stack(thrice))


def families(generator, sizes, r, count):
    """Values (count, n) of proteins in families of these sizes, with intra-family correlation r."""
    codes = np.repeat(np.arange(len(sizes)), sizes)
    shared, own = generator.standard_normal((count, len(sizes))), generator.standard_normal((count, len(codes)))
    return np.sqrt(r) * shared[:, codes] + np.sqrt(1 - r) * own, Clusters.of(codes)


@pytest.mark.parametrize("r", [0.0, 0.3, 0.9])
def test_variance_is_right_on_average_for_unequal_families(r):
    """Over 4,000 samples the mean of the estimated variance is the variance of the mean, whatever the sizes."""
    values, clusters = families(np.random.default_rng(3), [25, 12, 6, 4, *[2] * 10, *[1] * 33], r, 4000)
    variance, df = cluster_variance(values, clusters)
    assert variance.mean() == pytest.approx(values.mean(axis=1).var(), rel=0.08)
    # Chi-square: the squared coefficient of variation of the estimate is 2 / df.
    assert np.median(df) == pytest.approx(2 * variance.mean() ** 2 / variance.var(), rel=0.35)


def test_degrees_of_freedom_are_bell_and_mccaffreys():
    """The closed form equals the trace of a product of (clusters, clusters) matrices."""
    values, clusters = families(np.random.default_rng(4), [7, 4, 3, 1, 1, 1], 0.5, 3)
    _, df = cluster_variance(values, clusters)
    share = clusters.sizes / clusters.n
    for k, rho in enumerate(intraclass(values, clusters)):
        model = np.diag(clusters.sizes * (1 + (clusters.sizes - 1) * rho))
        centre = np.eye(6) - np.outer(share, np.ones(6))
        covariance = centre @ model @ centre.T  # of the totals about the mean
        freed = np.diag(np.diag(model) / np.diag(covariance)) @ covariance
        assert df[k] == pytest.approx(np.trace(model) ** 2 / np.trace(freed @ freed))


def test_intraclass_correlation_is_found():
    """The correlation that was put in, on average."""
    values, clusters = families(np.random.default_rng(5), [5] * 40, 0.3, 300)
    assert intraclass(values, clusters).mean() == pytest.approx(0.3, abs=0.03)
    assert (intraclass(values, Clusters.alone(200)) == 0).all()


def test_one_cluster_tells_nothing():
    """Fourteen copies of one protein: the interval is everything, and p is 1."""
    found = Means([np.random.default_rng(6).standard_normal((3, 14)) + 5], Clusters.of([0] * 14)).estimates()
    assert np.ravel(found.ends()).tolist() == [-np.inf, np.inf]
    assert found.p()[0] == 1


def test_equal_and_constant_scores():
    """No difference and no error is no evidence; a difference without any error is certain."""
    same = np.full((2, 12), 0.5)
    found = Means([same, same, same + 1], Clusters.alone(12)).differences([0, 0], [1, 2])
    assert found.p().tolist() == [1, 0]
    assert found.p_above().tolist() == [1, 1]


def test_satterthwaite_lies_between_the_least_and_the_sum():
    """Equal parts add their degrees of freedom; a part that dominates gives its own."""
    one = np.array([1.0])
    assert satterthwaite([(one, np.array([4.0])), (one, np.array([4.0]))])[0] == pytest.approx(8)
    assert satterthwaite([(one, np.array([60.0])), (1e9 * one, np.array([2.0]))])[0] == pytest.approx(2)


def test_differences_of_means_are_paired_or_not():
    """Of the same proteins the difference is the paired one; of others its variance is the sum."""
    values = np.random.default_rng(7).standard_normal((2, 3, 40))
    a, b = (Means([v], Clusters.alone(40)) for v in values)
    paired = difference_between(a, b, paired=True)
    assert np.allclose(np.stack(paired), np.stack(Means(list(values), Clusters.alone(40)).differences([0], [1])))
    apart = difference_between(a, b, paired=False)
    assert apart.error[0] ** 2 == pytest.approx(a.estimates().error[0] ** 2 + b.estimates().error[0] ** 2)


def test_many_comparisons_are_made_in_parts(monkeypatch):
    """Cutting the work into pieces changes nothing."""
    means = Means(list(np.random.default_rng(8).standard_normal((6, 2, 30))), Clusters.alone(30))
    whole = means.differences(*np.triu_indices(6, 1))
    monkeypatch.setattr("alignscape.statistics.means._CELLS", 60)
    assert np.allclose(np.stack(whole), np.stack(means.differences(*np.triu_indices(6, 1))))


def test_paired_differences_are_corrected_over_all():
    """Rows hold Holm's p over all of them; none for none."""
    means = Means(list(np.random.default_rng(9).standard_normal((3, 2, 30))), Clusters.alone(30))
    rows = paired_differences(means, [(0, 1), (0, 2)])
    assert max(r["p_corrected"] for r in rows) >= max(r["p"] for r in rows)
    assert paired_differences(means, []) == []
