"""Measures without training, on embeddings whose kinship is known."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from alignscape.alignment import screen as measures
from alignscape.alignment.geometry import gram
from alignscape.alignment.kernels import mutual_knn, unbiased_cka
from alignscape.alignment.measures import MEASURES
from alignscape.questions.registry import describe
from alignscape.questions.screening import analysis as screening
from alignscape.questions.screening.prediction import permutation_p, predicts
from alignscape.report.numbers import count
from alignscape.storage.embeddings import EmbeddingMeta, write_shard
from tests.helpers.made_study import made_study, only


@pytest.fixture
def screened(study, made, tmp_path, monkeypatch):
    """Six GDMs that are ever noisier copies of what the language model embeds, and score the lower."""
    for module in (measures, screening):
        monkeypatch.setattr(module, "has_pot", lambda: False)  # whatever is installed here
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
    assert told["cka"]["low"] <= told["cka"]["spearman"] <= told["cka"]["high"]


def test_rho_is_above_0_where_more_alike_goes_with_a_higher_score_whichever_end_is_alike(screened):
    """Information imbalance is low where the two are alike."""
    found, _, _ = screened
    told = {t["measure"]: t for t in found["predicts"]}
    to_text = [r["imbalance_to_text"] for r in found["rows"]]
    scores = [r["calibrated"] for r in found["rows"]]
    assert told["imbalance_to_text"]["spearman"] == pytest.approx(-stats.spearmanr(to_text, scores).statistic)
    assert told["imbalance_to_text"]["spearman"] > 0.7
    assert found["rows"][0]["imbalance_to_text_z"] > 5


def test_without_its_package_gromov_wasserstein_is_named_and_all_others_are_there(screened):
    found, _, _ = screened
    assert found["left_out"].startswith("Gromov-Wasserstein needs the package pot, which is not installed; pip install")
    assert (
        {r["gromov_wasserstein"] for r in found["rows"]} == {r["gromov_wasserstein_z"] for r in found["rows"]} == {None}
    )
    assert [t["measure"] for t in found["predicts"]] == [
        "mutual_knn", "cka", "cknna", "distance_correlation", "imbalance_to_text", "imbalance_to_structure",
        "structure_dimension", "text_dimension",
    ]  # fmt: skip


def test_what_cannot_be_said_of_a_measure_is_said_so(screened):
    """Of one language model its dimension is the same in every pair; p is corrected for those that have one."""
    found, _, _ = screened
    *told, text = found["predicts"]
    assert (text["spearman"], text["p"], text["why"]) == (None, None, "the same for every pair")
    assert all(t["p_corrected"] >= t["p"] for t in told)
    assert max(t["p_corrected"] / t["p"] for t in told) == pytest.approx(len(told))


def test_few_encoders_give_a_rho_and_no_interval():
    """Three GDMs of two language models: draws of three are no interval. Of the texts' dimension, models are drawn."""
    generator = np.random.default_rng(2)
    pairs = [{"gdm": g, "llm": m} for g in "abc" for m in "xy"]
    dimension = {"x": 3.0, "y": 5.0}
    rows = [
        p | {"calibrated": k, "text_dimension": dimension[p["llm"]], "structure_dimension": None}
        | {name: generator.random() for name in MEASURES}
        for k, p in enumerate(pairs)
    ]  # fmt: skip
    told = {t["measure"]: t for t in predicts(rows, draws=50, generator=generator)}
    assert told["cka"]["why"] == "3 structure encoders are too few for an interval"
    assert told["text_dimension"]["why"] == "2 language models are too few for an interval"
    assert told["text_dimension"]["p"] == 1  # two orders of two models: rho's other sign is as extreme
    assert {t["low"] for t in told.values()} == {None}
    assert "structure_dimension" not in told


def test_the_intrinsic_dimension_of_each_encoder_is_beside_its_pairs(screened):
    found, _, _ = screened
    dimensions = {d["encoder"]: d for d in found["dimensions"]}
    assert list(dimensions) == [f"g{k}" for k in range(6)] + ["a"]
    assert all(d["low"] < d["dimension"] < d["high"] and d["n"] == 80 for d in dimensions.values())
    assert [r["structure_dimension"] for r in found["rows"]] == [dimensions[f"g{k}"]["dimension"] for k in range(6)]
    assert {r["text_dimension"] for r in found["rows"]} == {dimensions["a"]["dimension"]}


def test_how_many_clusters_are_compared_is_said() -> None:
    """The number of the constant, where a sample is spoken of."""
    assert f"of more than {count(screening.SAMPLE)} clusters a random sample of so many" in screening.METHOD


def test_the_answer_names_the_measure_that_goes_best_with_the_score(screened):
    found, _, _ = screened
    best = max((t for t in found["predicts"][:6]), key=lambda t: t["spearman"])
    title = MEASURES[best["measure"]].title
    assert found["answer"].startswith(f"Of 6 measures without training, {title} goes best with the calibrated score")


def test_permutation_p_is_that_of_all_orders_of_the_gdms():
    """The p of rho agrees with counting every order of five GDMs of two language models each."""
    generator = np.random.default_rng(4)
    pairs = [{"gdm": g, "llm": m} for g in "abcde" for m in "xy"]
    x, y = generator.standard_normal((2, 5, 1)).repeat(2, axis=2) + 0.1 * generator.standard_normal((2, 5, 2))
    y = y + x
    rho = stats.spearmanr(x.ravel(), y.ravel()).statistic
    orders = [abs(stats.spearmanr(x.ravel(), y[list(o)].ravel()).statistic) for o in permutations(range(5))]
    p = permutation_p(x.ravel(), y.ravel(), pairs, generator=np.random.default_rng(1))
    assert p == pytest.approx(np.mean(np.array(orders) >= rho - 1e-9), abs=0.015)


def test_unrelated_measures_of_pairs_that_share_gdms_are_rarely_significant():
    """Nine GDMs of three models, of which measure and score have their own levels: p < 0.05 in about 5 % of studies."""
    generator, hits = np.random.default_rng(5), 0
    pairs = [{"gdm": g, "llm": m} for g in range(9) for m in range(3)]
    for _ in range(200):
        x, y = generator.standard_normal((2, 9)).repeat(3, axis=1) + 0.3 * generator.standard_normal((2, 27))
        hits += permutation_p(x, y, pairs, generator=generator, permutations=199) < 0.05
    assert hits <= 20


def test_missing_embeddings_are_named(study, made):
    """Without embeddings there is nothing to measure, and the answer says which."""
    assert "embeddings of a, g are not at hand" in screening.run(study({("g", "a"): made()}))["not_testable"]


def test_four_pairs_predict_nothing(study, made):
    """A rank correlation over fewer than five pairs is not printed."""
    rows = [{"calibrated": k} | dict.fromkeys(MEASURES, k) for k in range(4)]
    assert predicts(rows, draws=100, generator=np.random.default_rng(0)) == []


def test_ten_structure_encoders_have_points_of_ten_shapes():
    rows = [
        {"gdm": f"g{k}", "label": f"g{k} × a", "calibrated": 0.1, "cka": 0.1, "cka_null": 0, "cka_z": 1}
        for k in range(10)
    ]
    results = only(made_study(30), "pairs", "screening")
    results.questions["screening"] = results.questions["screening"] | {"rows": rows}
    [figure] = [f for f in describe(results)["screening"]]
    assert len({point.shape for panel in figure.panels for point in panel.marks}) == 10
