"""Measures without training, on embeddings whose kinship is known."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from alignscape.alignment.kernels import gram, mutual_knn, unbiased_cka
from alignscape.questions.screening import analysis as screening
from alignscape.storage.embeddings import EmbeddingMeta, write_shard


@pytest.fixture
def screened(study, made, tmp_path):
    """Six GDMs that are ever noisier copies of what the language model embeds, and score the lower."""
    generator, ids = np.random.default_rng(0), [f"P{k:05d}" for k in range(120)]
    text = generator.standard_normal((120, 12)).astype(np.float32)
    rows = {f"g{k}": text[:, :8] + 0.6 * k * generator.standard_normal((120, 8), dtype=np.float32) for k in range(6)}
    for name, values in (rows | {"a": text}).items():
        meta = EmbeddingMeta(ids, name, "random", None, "", values.shape[1], "float32", 0)
        write_shard(tmp_path / f"{name}.npy", values, meta)
    embeddings = {name: tmp_path / f"{name}.npy" for name in (*rows, "a")}
    evidence = study(
        {(g, "a"): made(pos=0.6 - 0.05 * k) for k, g in enumerate(rows)}, n=120, test=80, embeddings=embeddings
    )
    return screening.run(evidence), rows, text


def test_screening_measures_the_test_proteins(screened):
    """CKA and mutual kNN are those of the kernels on the rows of the test proteins, and their null is near chance."""
    found, rows, text = screened
    assert found["n"] == 80
    kernels = gram(rows["g1"][40:]), gram(text[40:])
    assert found["rows"][1]["cka"] == pytest.approx(unbiased_cka(*kernels))
    assert found["rows"][1]["mutual_knn"] == pytest.approx(mutual_knn(*kernels, k=10))
    assert found["rows"][1]["cka_null"] == pytest.approx(0, abs=0.02)
    assert found["rows"][0]["cka_z"] > 10


def test_screening_predicts_the_scores(screened):
    """Where a closer kernel goes with a higher score, the rank correlation over the pairs is high."""
    found, _, _ = screened
    told = {t["measure"]: t for t in found["predicts"]}
    scores = [r["calibrated"] for r in found["rows"]]
    assert told["cka"]["spearman"] == pytest.approx(
        stats.spearmanr([r["cka"] for r in found["rows"]], scores).statistic
    )
    assert told["cka"]["spearman"] > 0.9
    assert told["cka"]["p"] < 0.02


def test_permutation_p_is_that_of_all_orders_of_the_gdms():
    """The p of rho agrees with counting every order of five GDMs of two language models each."""
    generator = np.random.default_rng(4)
    pairs = [{"gdm": g, "llm": m} for g in "abcde" for m in "xy"]
    x, y = generator.standard_normal((2, 5, 1)).repeat(2, axis=2) + 0.1 * generator.standard_normal((2, 5, 2))
    y = y + x
    rho = stats.spearmanr(x.ravel(), y.ravel()).statistic
    orders = [abs(stats.spearmanr(x.ravel(), y[list(o)].ravel()).statistic) for o in permutations(range(5))]
    p = screening.gdm_permutation_p(x.ravel(), y.ravel(), pairs, generator=np.random.default_rng(1))
    assert p == pytest.approx(np.mean(np.array(orders) >= rho - 1e-9), abs=0.015)


def test_unrelated_measures_of_pairs_that_share_gdms_are_rarely_significant():
    """Nine GDMs of three models, of which measure and score have their own levels: p < 0.05 in about 5 % of studies."""
    generator, hits = np.random.default_rng(5), 0
    pairs = [{"gdm": g, "llm": m} for g in range(9) for m in range(3)]
    for _ in range(200):
        x, y = generator.standard_normal((2, 9)).repeat(3, axis=1) + 0.3 * generator.standard_normal((2, 27))
        hits += screening.gdm_permutation_p(x, y, pairs, generator=generator, permutations=199) < 0.05
    assert hits <= 20


def test_missing_embeddings_are_named(study, made):
    """Without embeddings there is nothing to measure, and the answer says which."""
    assert "embeddings of a, g are not at hand" in screening.run(study({("g", "a"): made()}))["not_testable"]


def test_four_pairs_predict_nothing(study, made):
    """A rank correlation over fewer than five pairs is not printed."""
    rows = [{"calibrated": k, "mutual_knn": k, "cka": k, "cknna": k} for k in range(4)]
    assert screening.predicts(rows, draws=100, generator=np.random.default_rng(0)) == []
