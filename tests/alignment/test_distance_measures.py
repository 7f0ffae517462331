"""Distance correlation, information imbalance and intrinsic dimension equal plain loops, and know noise and known cases."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from alignscape.alignment.geometry import Geometry, gram
from alignscape.alignment.information_imbalance import InformationImbalance, information_imbalance
from alignscape.alignment.intrinsic_dimension import intrinsic_dimension
from alignscape.alignment.kernels import UCentred


def views(n=30, noise=0.5, seed=0):
    generator = np.random.default_rng(seed)
    hidden = generator.normal(size=(n, 4))
    x, y = (hidden @ generator.normal(size=(4, d)) for d in (9, 13))
    return x + noise * generator.normal(size=x.shape), y + noise * generator.normal(size=y.shape)


def euclidean(x):
    return cdist(x, x)


def distance_correlation(x, y):
    a, b = Geometry.of(x, 1).distances, Geometry.of(y, 1).distances
    return UCentred(a, b)(np.arange(len(x))[None])[0]


def loop_of_szekely_and_rizzo(x, y):
    """The bias-corrected distance correlation of unit rows, by its definition (2013, eqs. 2.9 to 2.13)."""
    n = len(x)

    def modified(rows):
        a = euclidean(rows / np.linalg.norm(rows, axis=1, keepdims=True))
        found = np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                centred = a[i, j] - a[i].mean() - a[:, j].mean() + a.mean() - a[i, j] / n
                found[i, j] = n / (n - 1) * (centred if i != j else a[i].mean() - a.mean())
        return found

    def product(a, b):
        off = sum(a[i, j] * b[i, j] for i in range(n) for j in range(n) if i != j)
        return off - 2 / (n - 2) * sum(a[i, i] * b[i, i] for i in range(n))

    a, b = modified(x), modified(y)
    return product(a, b) / np.sqrt(product(a, a) * product(b, b))


def test_distance_correlation_equals_a_loop_of_its_definition():
    x, y = views(20)
    assert distance_correlation(x, y) == pytest.approx(loop_of_szekely_and_rizzo(x, y), rel=1e-9)


def test_distance_correlation_of_noise_is_about_0_in_any_width_and_of_a_copy_1():
    """The biased one is near 1 where dimensions are many."""
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(60, 3000)), generator.normal(size=(60, 8000))
    rotation = np.linalg.qr(generator.normal(size=(40, 40)))[0]
    lengths = generator.uniform(0.1, 9, (60, 1))
    assert abs(distance_correlation(x, y)) < 0.1
    assert distance_correlation(x[:, :40], lengths * x[:, :40] @ rotation) == pytest.approx(1)


def imbalance_loop(x, y):
    a, b = gram(x), gram(y)
    n, total = len(a), 0
    for i in range(n):
        nearest = max((j for j in range(n) if j != i), key=lambda j: a[i, j])
        total += 1 + sum(b[i, j] > b[i, nearest] for j in range(n) if j not in (i, nearest))
    return 2 / n**2 * total


def test_information_imbalance_equals_a_loop_of_its_definition():
    x, y = views()
    both = information_imbalance(Geometry.of(x, 1), Geometry.of(y, 1))
    assert both == pytest.approx(imbalance_loop(x, y))
    assert information_imbalance(Geometry.of(y, 1), Geometry.of(x, 1)) == pytest.approx(imbalance_loop(y, x))


def test_a_space_tells_itself_and_its_projection_which_tells_it_less_and_noise_nothing():
    generator = np.random.default_rng(1)
    x, other = generator.normal(size=(2, 400, 3))
    whole, rotated, part, noise = (
        Geometry.of(rows, 1) for rows in (x, 3 * x @ np.linalg.qr(generator.normal(size=(3, 3)))[0], x[:, :2], other)
    )
    assert information_imbalance(whole, rotated) == pytest.approx(2 / 400)
    assert information_imbalance(whole, part) < 0.5 * information_imbalance(part, whole)
    assert information_imbalance(whole, noise) == pytest.approx(1, abs=0.1)


def test_equal_rows_share_a_rank_so_that_ties_tell_nothing():
    """Rows that are all one, or of two kinds, on both sides: which of the equal ones is named first must not count."""
    x, _ = views()
    same = Geometry.of(np.ones((30, 3)), 1)
    assert information_imbalance(same, Geometry.of(x, 1)) == pytest.approx(1)
    assert information_imbalance(same, same) == pytest.approx(1)
    kinds = Geometry.of(np.repeat(np.eye(2), 15, axis=0), 1)
    orders = np.random.default_rng(0).permuted(np.tile(np.arange(30), (200, 1)), axis=1)
    assert InformationImbalance(kinds, kinds)(orders).mean() == pytest.approx(1, abs=0.02)


def test_other_orders_are_the_imbalance_of_reordered_embeddings():
    x, y = views()
    order = np.random.default_rng(1).permutation(30)
    found = InformationImbalance(Geometry.of(x, 1), Geometry.of(y, 1))(order[None])[0]
    assert found == pytest.approx(imbalance_loop(x, y[order]))


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_the_dimension_of_a_cube_in_many_dimensions_is_found_and_its_interval_covers_it(dimension):
    """Of 40 samples most intervals hold the estimate's mean, which is near the dimension."""
    generator = np.random.default_rng(dimension)
    turned = np.linalg.qr(generator.normal(size=(20, 20)))[0][:dimension]
    cubes = (generator.uniform(size=(300, dimension)) @ turned for _ in range(40))
    found = [intrinsic_dimension(euclidean(cube)) for cube in cubes]
    mean = np.mean([d.value for d in found])
    assert mean == pytest.approx(dimension, rel=0.1)
    assert np.mean([d.low <= mean <= d.high for d in found]) > 0.85
    assert found[0].n == 300


def test_the_dimension_is_near_that_of_the_line_that_facco_et_al_draw():
    generator = np.random.default_rng(2)
    distances = euclidean(generator.normal(size=(800, 3)))
    near = np.sort(distances, axis=1)
    mu = np.sort(near[:, 2] / near[:, 1])[:720]
    x, y = np.log(mu), -np.log(1 - np.arange(1, 721) / 800)
    assert intrinsic_dimension(distances).value == pytest.approx((x @ y) / (x @ x), rel=0.07)


def test_copies_change_no_dimension_and_few_proteins_have_none():
    generator = np.random.default_rng(3)
    x = generator.normal(size=(100, 6))
    alone, twice = (
        intrinsic_dimension(Geometry.of(rows, 1).distances) for rows in (x, np.concatenate([x, 2 * x[:40]]))
    )
    assert twice == pytest.approx(alone, rel=1e-6)
    assert np.isnan(intrinsic_dimension(euclidean(x[:9])).value)
    assert np.isnan(intrinsic_dimension(euclidean(np.ones((50, 3)))).value)
