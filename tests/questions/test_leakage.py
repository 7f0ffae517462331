"""What the splits test, and differences between them on the proteins that both test."""

from dataclasses import replace

import numpy as np
import pytest

from alignscape.alignment.relatives import Relative
from alignscape.proteins.facts import ProteinFacts
from alignscape.questions.leakage import analysis as leakage
from alignscape.questions.leakage.composition import composition


def untested(evidence, split: str, ids: list[str]):
    """The same evidence, with these proteins not tested under a split."""
    results = []
    for result in evidence.results:
        scores = result.splits[split]
        gone = np.isin(result.ids, ids)
        arrays = {
            k: np.where(gone, np.nan, v).astype(np.float32)
            for k, v in vars(scores).items()
            if k not in ("pool", "summary")
        }
        results.append(replace(result, splits=result.splits | {split: replace(scores, **arrays)}))
    return replace(evidence, results=results)


@pytest.fixture
def both(study, made):
    taste = np.random.default_rng(0).standard_normal(400)
    about = made(shared=taste, agreement=0.95)
    return study(
        {("g", "a"): about}, splits=("kfold", "kfold_cluster"),
        by_split=lambda split, about: about if split == "kfold" else replace(about, pos=0.5),
    )  # fmt: skip


def test_splits_are_compared_on_the_proteins_that_both_test(both):
    """Which are nearly all here: as if unrelated, the interval would be that of two samples, several times as wide."""
    whole = leakage.run(both)["side_by_side"][0]
    fewer = leakage.run(untested(both, "kfold_cluster", [f"P{k:05d}" for k in range(370, 400)]))["side_by_side"][0]
    assert (whole["n_common"], fewer["n_common"]) == (300, 270)
    assert fewer["high"] - fewer["low"] == pytest.approx(whole["high"] - whole["low"], rel=0.2)
    assert fewer["difference"] == pytest.approx(0.05, abs=0.01)


def test_splits_that_share_few_proteins_are_compared_as_if_unrelated(both):
    apart = untested(
        untested(both, "kfold", [f"P{k:05d}" for k in range(100, 240)]),
        "kfold_cluster",
        [f"P{k:05d}" for k in range(260, 400)],
    )
    row = leakage.run(apart)["side_by_side"][0]
    whole = leakage.run(both)["side_by_side"][0]
    assert row["n_common"] == 0
    assert row["high"] - row["low"] > 2 * (whole["high"] - whole["low"])


def test_the_composition_of_what_is_tested_stands_beside_that_of_all(study, made, protein):
    """300 tested of 400: families of 20, of two, and singletons; every third of the tested is an enzyme of class 2."""
    clusters = {f"P{k:05d}": k // 20 if k < 200 else 1000 + k // 2 if k < 300 else 5000 + k for k in range(400)}
    facts: dict[str, ProteinFacts] = {i: protein(i) for i in clusters}
    for k in range(100, 400, 3):
        id_ = f"P{k:05d}"
        facts[id_] = replace(facts[id_], entities=[replace(facts[id_].entities[0], ec=["2.7.11.1"])])
    everybody, tested = composition(study({("g", "a"): made()}, clusters=clusters, facts=facts))
    assert (everybody["part"], everybody["n"], everybody["clusters"]) == ("all", 400, 160)
    assert (everybody["alone"], everybody["large"]) == (0.25, 0.5)
    assert (tested["part"], tested["n"], tested["clusters"]) == ("random", 300, 155)
    assert (tested["alone"], tested["large"]) == pytest.approx((1 / 3, 1 / 3))
    assert (tested["enzymes"], tested["ec_2"], tested["ec_3"]) == pytest.approx((1 / 3, 1 / 3, 0))


def test_splits_that_test_other_kinds_of_proteins_are_told_apart_in_the_answer(study, made):
    """All of 150 singletons and as many relatives under one split, hardly anything but singletons under the other."""
    clusters = {f"P{k:05d}": min(k, 250) for k in range(400)}
    evidence = study({("g", "a"): made()}, splits=("random", "cluster"), clusters=clusters)
    assert "test different proteins" not in leakage.run(evidence)["answer"]
    of = evidence.training["cluster"]
    orphans = replace(of, fold=np.where(np.arange(400) < 255, of.fold, -1))
    evidence = replace(evidence, training=dict(evidence.training) | {"cluster": orphans})
    assert (
        "without a relative in the study are 50% with relatives allowed, 97% with relatives held out."
        in leakage.run(evidence)["answer"]
    )


def test_likeness_over_any_length_is_counted_beside(study, made):
    near = {"random": {f"P{k:05d}": (None, 0.0) for k in range(100, 400)}}
    somehow = {"random": {f"P{k:05d}": 0.4 if k < 160 else 0.0 for k in range(100, 400)}}
    (summary,) = leakage.run(study({("g", "a"): made()}, nearest=near, any_length=somehow))["summary"]
    assert (summary["share_30"], summary["any_length_30"]) == (0, 0.2)


def test_tested_relatives_of_what_ships_are_counted_and_said(both):
    """P00390 is tested, P99999 is not of the study; where there are none, nothing is said of them."""
    relatives = {"P00390": Relative("1ABC", 0.6), "P99999": Relative("1ABC", 0.9)}
    found = leakage.run(replace(both, relatives=relatives))
    assert [row["seen"] for row in found["summary"]] == [1, 1]
    assert "1 of them are relatives of what weights or texts that alignscape ships were learned from" in found["answer"]
    without = leakage.run(both)
    assert [row["seen"] for row in without["summary"]] == [0, 0]
    assert "ships were learned" not in without["answer"]
