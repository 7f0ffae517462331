"""Every question takes sequence clusters, not proteins, as the units that tell something."""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from alignscape.alignment.split import Split
from alignscape.config.study import Variant
from alignscape.questions.evidence.catalogue import Encoder
from alignscape.questions.evidence.training import training_of
from alignscape.questions.registry import analyse

COPIES = 4
VARIANTS = {"layers1": Variant(), "layers2": Variant(layers=2), "sym": Variant(loss="symmetric")}


@pytest.fixture(scope="module")
def once(study, made, protein):
    """A study that has something for every question: pairs, depths, a method, a ladder, a tuned model, popular names."""
    widths = (64, 128, 512)
    gdms = {g: Encoder(g, g, "main", weights="trained", weights_state="trained here") for g in ("gearnet", "gvp")}
    gdms |= {f"w{w}": Encoder(f"w{w}", "gearnet", "ladder", dimension=w) for w in widths}
    llms = {"a": Encoder("a", "causal_lm", "main"), "b": Encoder("b", "causal_lm", "main")}
    llms["t"] = Encoder("t", "causal_lm", "fine_tuned", base="a")
    pairs = {(g, m, v): made(pos=0.5) for g in ("gearnet", "gvp") for m in "ab" for v in VARIANTS}
    pairs |= {(g, "t", "layers1"): made(pos=0.53) for g in ("gearnet", "gvp")}
    pairs |= {(f"w{w}", "a", "layers1"): made() for w in widths}
    names = {k: f"name {k if k % 4 else 1000}" for k in range(150)}
    facts = {
        f"P{k:05d}": protein(f"P{k:05d}", length=50 + 7 * k % 500, entities=1 + (k % 4 == 0), name=name)
        for k, name in names.items()
    }
    ids = sorted(facts)
    identity = np.random.default_rng(0).random(150)
    nearest = {s: {i: ("P00007", float(x)) for i, x in zip(ids, identity, strict=True)} for s in ("random", "cluster")}
    return study(
        pairs, n=150, test=90, gdms=gdms, llms=llms, variants=VARIANTS, methods=["sym"], facts=facts, nearest=nearest,
        splits=("random", "cluster"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def copied(once):
    """The same study with every protein several times over, all copies in one sequence cluster."""
    names = {f"{i}-{k}": i for i in once.results[0].ids for k in range(COPIES)}
    old = [once.results[0].ids.index(i) for i in names.values()]

    def repeated(scores):
        """Exchanging single copies, as the alignment does, the score varies less by the root of their number."""
        less = COPIES**-0.5
        summary = scores.summary | {"null_sd": less * scores.summary["null_sd"], "z": scores.summary["z"] / less}
        arrays = {k: v[..., old] for k, v in vars(scores).items() if isinstance(v, np.ndarray)}
        return replace(scores, **arrays, summary=summary)

    results = [
        replace(r, ids=list(names), splits={s: repeated(v) for s, v in r.splits.items()})
        for r in once.results
    ]  # fmt: skip
    parts = ["train" if k < 55 else "validation" if k < 60 else "test" for k in range(150)]
    training = training_of(Split("random", tuple(names), tuple(parts[k] for k in old)))
    return replace(
        once,
        results=results,
        facts={new: replace(once.facts[i], id=new) for new, i in names.items()},
        nearest={s: {new: found[i] for new, i in names.items()} for s, found in once.nearest.items()},
        training=dict.fromkeys(once.splits, training),
        clusters={new: int(i[1:]) for new, i in names.items()},
    )


@pytest.fixture(scope="module")
def known(once):
    """The study of single proteins with its training part, as in `copied`."""
    parts = ["train" if k < 55 else "validation" if k < 60 else "test" for k in range(150)]
    training = training_of(Split("random", tuple(once.results[0].ids), tuple(parts)))
    return replace(once, training=dict.fromkeys(once.splits, training))


COUNTS = {"n", "n_popular", "n_rare", "n_single", "n_multiple", "u", "n_train", "popular_rule"}
QUESTIONS = (
    "pairs", "separability", "correlation", "length", "rarity", "chains", "depth", "dimension", "fine_tuning",
    "methods", "leakage", "findings",
)  # fmt: skip


def numbers(found, question):
    """The numbers of a question's rows that must not change, by row and column; a split's leaks are counts."""
    rows = found["side_by_side"] if question == "leakage" else found["rows"]
    extra = [*found.get("differences", []), *found.get("trend", [])]
    kept = []
    for row in [*rows, *extra]:
        of_retrieval = {k for k in row if k.startswith("chance_")}
        kept.append({k: v for k, v in row.items() if isinstance(v, float) and k not in COUNTS | of_retrieval})
    return kept


@pytest.mark.parametrize("question", QUESTIONS)
def test_copies_of_the_proteins_tell_no_more(question, known, copied):
    """Every protein several times over: the same scores, intervals and p values, and the same verdicts."""
    run = import_module(f"alignscape.questions.{question}.analysis").run
    few, many = run(known), run(copied)
    assert few["rows"]
    for one, other in zip(numbers(few, question), numbers(many, question), strict=True):
        assert one.keys() == other.keys()
        for name, value in one.items():
            # A p below 0.01 of a rank correlation moves with the degrees of freedom by a few per cent.
            assert other[name] == pytest.approx(value, rel=0.05, abs=2e-3), (question, name)
    if question == "findings":
        assert [r["verdict"] for r in few["rows"]] == [r["verdict"] for r in many["rows"]]


def test_without_their_clusters_copies_would_tell_more(copied):
    """The test above can fail: taken as unrelated, the copies halve the intervals."""
    run = import_module("alignscape.questions.pairs.analysis").run
    wide, narrow = (run(e)["rows"][0] for e in (copied, replace(copied, clusters={})))
    assert narrow["high"] - narrow["low"] < 0.6 * (wide["high"] - wide["low"])


def test_the_number_of_clusters_is_printed(copied):
    """An interval stands beside the proteins and the clusters that it rests on."""
    found = analyse("pairs", copied)
    assert (found["rows"][0]["n"], found["rows"][0]["clusters"]) == (90 * COPIES, 90)
    assert "360 test proteins in 90 sequence clusters" in found["answer"]
    assert analyse("separability", copied)["clusters"] == 90


@pytest.mark.parametrize("question", ["pairs", *QUESTIONS[1:], "proteins"])
def test_copies_of_one_file_are_one_family(question, study, made):
    """Fourteen test proteins of one sequence: no verdict, no crash, and the reason where there is nothing to show."""
    ids = [f"P{k:05d}" for k in range(30)]
    evidence = study({("gearnet", m): made() for m in "ab"}, n=30, test=14, clusters=dict.fromkeys(ids, 0))
    found = analyse(question, evidence)
    assert found["answer"]
    if question == "findings":
        assert {r["verdict"] for r in found["rows"]} == {"not testable"}
        assert "14 test proteins in 1 sequence cluster," in found["rows"][1]["why"]
    if question == "pairs":
        assert [found["rows"][0][end] for end in ("low", "high")] == [None, None]
    if question in ("separability", "length", "correlation"):
        assert "1 sequence cluster" in found["not_testable"]
