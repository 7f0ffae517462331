"""Kernel measures equal plain loops of their definitions, are invariant where they should be, and know noise."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from alignscape.alignment import kernels
from alignscape.alignment.geometry import Geometry, gram, nearest_neighbours
from alignscape.alignment.kernels import Cknna, MutualKnn, UCentred, cknna, mutual_knn, unbiased_cka


def two_views(n=25, noise=0.5, seed=0):
    generator = np.random.default_rng(seed)
    hidden = generator.normal(size=(n, 4))
    x, y = (hidden @ generator.normal(size=(4, d)) for d in (9, 13))
    return x + noise * generator.normal(size=x.shape), y + noise * generator.normal(size=y.shape)


def plain_hsic(k, m):
    """Song et al. 2012, eq. 5, as matrices."""
    n, one = len(k), np.ones(len(k))
    k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
    middle = one @ k @ one * (one @ m @ one) / ((n - 1) * (n - 2))
    return (np.trace(k @ m) + middle - 2 / (n - 2) * (one @ k @ m @ one)) / (n * (n - 3))


@pytest.mark.parametrize("levels", [2, 5, 1000])
@pytest.mark.parametrize("k", [1, 7, 39])
def test_nearest_neighbours_are_those_of_a_whole_sort_whatever_is_tied(levels, k):
    kernel = np.random.default_rng(levels).integers(levels, size=(40, 40)).astype(float)
    expected = [sorted((j for j in range(40) if j != i), key=lambda j: (-kernel[i, j], j))[:k] for i in range(40)]
    assert nearest_neighbours(kernel, k).tolist() == expected


def test_unbiased_cka_equals_the_estimator_s_formula():
    k, m = map(gram, two_views())
    expected = plain_hsic(k, m) / np.sqrt(plain_hsic(k, k) * plain_hsic(m, m))
    assert unbiased_cka(k, m) == pytest.approx(expected, rel=1e-9)


def test_unbiased_hsic_is_the_mean_over_quadruples_of_distinct_proteins():
    x, y = two_views(7)
    k, m = gram(x), gram(y)
    total, count = 0.0, 0
    for i in range(7):
        for j in range(7):
            for q in range(7):
                for r in range(7):
                    if len({i, j, q, r}) == 4:
                        total += k[i, j] * (m[i, j] + m[q, r] - 2 * m[i, q])
                        count += 1
    assert plain_hsic(k, m) == pytest.approx(total / count, rel=1e-9)


def test_mutual_knn_equals_scikit_learn_s_neighbours():
    x, y = two_views(60)
    near = [
        NearestNeighbors(n_neighbors=6, metric="cosine").fit(rows).kneighbors(rows, return_distance=False)[:, 1:]
        for rows in (x, y)
    ]
    expected = np.mean([len(set(a) & set(b)) / 5 for a, b in zip(*near, strict=True)])
    assert mutual_knn(gram(x), gram(y), k=5) == pytest.approx(expected)


def plain_cknna(k, m, neighbours):
    n = len(k)

    def near(a, i):
        return set(sorted((j for j in range(n) if j != i), key=lambda j: -a[i, j])[:neighbours])

    def centred(a, i, j):
        return a[i, j] - sum(a[i, q] for q in range(n) if q != i) / (n - 1)

    def align(a, b):
        return sum(centred(a, i, j) * centred(b, i, j) for i in range(n) for j in near(a, i) & near(b, i))

    return align(k, m) / np.sqrt(align(k, k) * align(m, m))


def test_cknna_equals_a_plain_loop_of_its_definition():
    k, m = map(gram, two_views(18))
    assert cknna(k, m, k=4) == pytest.approx(plain_cknna(k, m, 4), rel=1e-9)


def test_an_embedding_is_wholly_aligned_with_itself_rotated_and_scaled():
    x, _ = two_views()
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(9, 9)))[0]
    k, m = gram(x), gram(7 * x @ rotation)
    assert mutual_knn(k, m, k=3) == 1
    assert unbiased_cka(k, m) == pytest.approx(1)
    assert cknna(k, m, k=3) == pytest.approx(1)


@pytest.mark.parametrize("measure", [MutualKnn, Cknna, lambda a, b: UCentred(a.kernel, b.kernel)])
def test_other_orders_are_the_measure_of_reordered_embeddings(measure):
    x, y = two_views()
    orders = np.random.default_rng(1).permuted(np.tile(np.arange(len(x)), (3, 1)), axis=1)
    as_is, first = np.arange(len(x))[None], Geometry.of(x, 4)
    reordered = [measure(first, Geometry.of(y[order], 4))(as_is)[0] for order in orders]
    assert measure(first, Geometry.of(y, 4))(orders) == pytest.approx(reordered, rel=1e-9)


@pytest.mark.parametrize("rows", [1, 7, 25, 128])
def test_a_matrix_may_be_reordered_in_parts(monkeypatch, rows):
    monkeypatch.setattr(kernels, "_ROWS", rows)
    k, m = map(gram, two_views())
    order = np.random.default_rng(1).permutation(25)
    expected = plain_hsic(k, m[np.ix_(order, order)]) / np.sqrt(plain_hsic(k, k) * plain_hsic(m, m))
    assert UCentred(k, m)(order[None])[0] == pytest.approx(expected, rel=1e-9)


def test_what_is_the_same_for_all_proteins_is_aligned_with_nothing():
    """Rows that are all one text's: after centring only rounding is left, which is no alignment."""
    x, _ = two_views()
    k, same = gram(x), gram(np.tile(x[:1], (len(x), 1)))
    assert [unbiased_cka(k, same), unbiased_cka(same, same), cknna(same, same, k=4)] == [0, 0, 0]


def test_ties_go_to_the_lower_number():
    assert nearest_neighbours(np.ones((4, 4)), 2).tolist() == [[1, 2], [0, 2], [0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gram(np.full((3, 2), np.inf)), "3 embeddings are not finite"),
        (lambda: unbiased_cka(np.eye(3), np.eye(3)), "at least four proteins, found 3"),
        (lambda: nearest_neighbours(np.eye(3), 3), "asked for 3"),
    ],
)
def test_what_cannot_be_measured_is_an_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_row_of_zeros_is_like_no_other():
    rows = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0]])
    assert gram(rows) == pytest.approx(np.array([[0, 0, 0], [0, 1, 1], [0, 1, 1]]))
