"""Scores, nulls, ranks: each against a plain loop, an identity or a case whose answer is known."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from alignscape.alignment.retrieval import chance_retrieval, found_within, mid_ranks, reciprocal_ranks, retrieval, ties
from alignscape.alignment.score import (
    alignment_score,
    chance_score,
    effective_rank,
    null_test,
    permuted_scores,
    protein_scores,
    random_permutations,
    similarity,
    spread,
)


def random_similarity(n=23, d=7, seed=0):
    generator = torch.Generator().manual_seed(seed)
    rows = torch.nn.functional.normalize(torch.randn(2, n, d, generator=generator), dim=-1)
    return similarity(*rows)


def plain_score(s):
    n = len(s)
    positive = sum(s[i][i] for i in range(n)) / n
    negative = sum(abs(s[i][j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    return positive - negative


def test_the_score_equals_the_formula_in_a_double_loop():
    s = random_similarity()
    assert alignment_score(s) == pytest.approx(plain_score(s.tolist()), rel=1e-12)


def test_the_signed_negative_keeps_the_sign_and_each_protein_has_its_own():
    s = random_similarity(9)
    found = protein_scores(s)
    for i in range(9):
        others = [s[i, j] for j in range(9) if j != i]
        assert found.negative_signed[i] == pytest.approx(np.mean(others))
        assert found.negative[i] == pytest.approx(np.mean(np.abs(others)))


def test_a_single_protein_has_no_negative():
    with pytest.raises(ValueError, match="at least two proteins, found 1"):
        protein_scores(np.ones((1, 1)))


def test_random_vectors_score_what_chance_says():
    scores = [alignment_score(random_similarity(200, 50, seed)) for seed in range(100)]
    assert np.mean(scores) == pytest.approx(chance_score(50), abs=0.005)


def test_a_permuted_score_is_the_score_of_permuted_texts():
    s, permutations = random_similarity(), random_permutations(23, 6, np.random.default_rng(0))
    expected = [plain_score(s[:, permutation].tolist()) for permutation in permutations]
    assert permuted_scores(s, permutations) == pytest.approx(expected, rel=1e-12)


def test_permutations_are_permutations_and_differ():
    drawn = random_permutations(12, 50, np.random.default_rng(0))
    assert np.array_equal(np.sort(drawn, axis=1), np.tile(np.arange(12), (50, 1)))
    assert len(np.unique(drawn, axis=0)) > 45


def test_the_null_is_uniform_without_alignment_and_small_with_it():
    p = []
    for seed in range(200):
        s = random_similarity(30, 10, seed)
        null = permuted_scores(s, random_permutations(30, 99, np.random.default_rng(seed)))
        p.append(null_test(alignment_score(s), null).p)
    assert stats.kstest(p, "uniform").pvalue > 0.01
    aligned = random_similarity(30, 10) + 0.5 * np.eye(30)
    null = permuted_scores(aligned, random_permutations(30, 99, np.random.default_rng(0)))
    found = null_test(alignment_score(aligned), null)
    assert found.p == 0.01
    assert found.z > 3


def test_a_null_that_does_not_vary_gives_no_z():
    assert null_test(0.0, np.zeros(50)).z is None
    assert null_test(0.0, np.zeros(50)).p == 1


def test_the_spread_of_one_seed_is_unknown():
    assert spread([0.3]) is None
    assert spread([1, 2, 3]) == pytest.approx(1)


def test_effective_rank_of_known_rows():
    assert effective_rank(torch.eye(6)) == pytest.approx(6)
    assert effective_rank(torch.ones(9, 4)) == pytest.approx(1, abs=1e-3)
    assert effective_rank(torch.eye(3).repeat(5, 1)) == pytest.approx(3)
    rows = torch.randn(12, 40, generator=torch.Generator().manual_seed(0))
    singular = np.linalg.svd(rows.double().numpy(), compute_uv=False)
    assert effective_rank(rows) == pytest.approx(math.exp(stats.entropy(singular)), rel=1e-9)
    assert effective_rank(rows.T) == pytest.approx(effective_rank(rows), rel=1e-9)


def test_mid_ranks_equal_scipy_s_average_ranks():
    s = np.random.default_rng(0).integers(0, 5, (40, 40)).astype(float)
    assert np.array_equal(mid_ranks(s), np.diagonal(stats.rankdata(-s, axis=1)))


def test_retrieval_of_known_ranks():
    found = retrieval(np.array([[1, 2, 5.5, 20]]), np.array([[0, 0, 1, 0]]))
    mrr = (1 + 0.5 + (1 / 5 + 1 / 6) / 2 + 0.05) / 4
    assert found == pytest.approx({"r1": 0.25, "r5": 0.625, "r10": 0.75, "mrr": mrr, "median_rank": 3.75})


@pytest.mark.parametrize("m", [2, 7, 30])
def test_chance_is_the_mean_over_all_ranks(m):
    every = retrieval(np.arange(1, m + 1))
    assert chance_retrieval(np.full(9, m)) == pytest.approx(every)


@pytest.mark.parametrize("n", [2, 9, 40])
def test_equal_similarities_are_at_chance(n):
    """A model that gives all items the same similarity gets what guessing gets, in every measure."""
    s = np.ones((n, n))
    assert retrieval(mid_ranks(s), ties(s)) == pytest.approx(chance_retrieval(np.full(n, n)))


def test_two_equal_texts_share_their_place():
    """A twin halves recall at 1 of both, as a coin would, and leaves recall at 2 alone."""
    s = np.eye(6)
    s[0, 1] = s[1, 0] = 1
    assert found_within(mid_ranks(s), ties(s), 1).tolist() == [0.5, 0.5, 1, 1, 1, 1]
    assert found_within(mid_ranks(s), ties(s), 2).tolist() == [1] * 6
    assert reciprocal_ranks(mid_ranks(s), ties(s))[:2] == pytest.approx([0.75, 0.75])


def test_ties_are_those_of_orders_broken_at_random():
    """Recall and reciprocal rank are the means over many random orders of what is tied."""
    generator = np.random.default_rng(0)
    s = generator.integers(0, 4, (15, 15)).astype(float)
    broken = [mid_ranks(s + 1e-4 * generator.random((15, 15))) for _ in range(3000)]
    found = retrieval(mid_ranks(s), ties(s))
    assert found["r5"] == pytest.approx(np.mean([(b <= 5).mean() for b in broken]), abs=0.01)
    assert found["mrr"] == pytest.approx(np.mean([(1 / b).mean() for b in broken]), abs=0.01)


def test_ties_are_found_in_spite_of_rounding():
    """Two equal texts whose similarities differ in the last place share their rank."""
    s = np.eye(5)
    s[0, 1] = 1 - 1e-12
    assert mid_ranks(s)[0] == 1.5
