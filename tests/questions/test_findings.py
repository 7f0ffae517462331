"""Every finding is judged right on made studies where it is true, where it is false, and where it cannot be told."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from alignscape.config.study import Variant
from alignscape.questions.evidence.catalogue import Encoder
from alignscape.questions.findings.analysis import FINDINGS, judge, run
from alignscape.questions.findings.context import FindingContext
from alignscape.questions.findings.judgement import Judgement, all_of
from alignscape.questions.findings.paper_numbers import paper_texts

N, TEST = 3600, 3000
WIDTHS = (64, 256, 1024)
VARIANTS = {
    **{f"layers{n}": Variant(layers=n) for n in (1, 2, 3)},
    **{f"pca{w}": Variant(structure_pca=w) for w in WIDTHS[:-1]},
    "equal": Variant(structure_pca=32),
    "standardised": Variant(inputs="standardised"),
}
LLMS = {
    "small": Encoder("small", "causal_lm", "main", family="llama", parameters_billion=8, weights_state="pretrained"),
    "large": Encoder("large", "causal_lm", "main", family="llama", parameters_billion=70, weights_state="pretrained"),
    "tuned": Encoder("tuned", "causal_lm", "fine_tuned", base="small"),
    "shuffled": Encoder("shuffled", "causal_lm", "fine_tuned", base="small", shuffled=True),
}
MAIN = ("gearnet", "gvp", "scannet", "gat")
GDMS = {
    **{g: Encoder(g, g, "main", weights="trained", weights_state="trained here", dimension=64) for g in MAIN},
    "composition": Encoder("composition", "composition", "baseline", weights="none", weights_state="none"),
    **{f"ladder-{w}": Encoder(f"ladder-{w}", "gearnet", "ladder", weights="trained", dimension=w) for w in WIDTHS},
}
TRUE = {
    "pos": {"scannet": 0.62, "gearnet": 0.58, "gvp": 0.45, "gat": 0.10, "composition": 0.02, **{f"ladder-{w}": 0.5 for w in WIDTHS}},
    "llm_pos": 0.05, "llm_neg": 0.0, "untrained": 0.0, "signed": 0.0,
    "taste": {"scannet": 0, "gearnet": 0, "gvp": 1, "gat": 2}, "agreement": 0.6, "untrained_agreement": 0.0,
    "length": 0.0, "popular": 0.1, "single": 0.0, "rung": 0.03, "pca": 0.0, "layers": (0.05, 0.0), "tuned": 0.05,
    "shuffled": 0.0, "equal": 1, "cluster": 1,
}  # fmt: skip
FALSE = {
    1: {"pos": {**TRUE["pos"], "gat": 0.1}},
    2: {"untrained": 0.1},
    3: {"pos": {**TRUE["pos"], "gvp": 0.7}},
    4: {"pos": {**TRUE["pos"], "gat": 0.4}},
    5: {"llm_pos": -0.05},
    6: {"llm_neg": 0.05},
    7: {"agreement": 0.2},
    8: {"taste": {**TRUE["taste"], "gearnet": 3}},
    9: {"taste": {**TRUE["taste"], "gat": 0}, "agreement": 0.8},
    10: {"untrained_agreement": 0.5},
    11: {"length": 0.08},
    12: {"popular": -0.1},
    13: {"single": 0.1},
    14: {"rung": -0.03},
    15: {"layers": (-0.05, 0.0)},
    16: {"layers": (0.05, 0.05)},
    17: {"tuned": -0.05},
    18: {"equal": -1},
    19: {"pos": {**TRUE["pos"], "composition": 0.7}},
    20: {"signed": 0.6},
}


@pytest.fixture(scope="module")
def world():
    """Properties (n,) of the proteins: tastes, length, entities, and whether the kind is popular or rare."""
    generator = np.random.default_rng(0)
    return {
        "taste": generator.standard_normal((4, N)),
        "length": generator.integers(50, 600, N),
        "several": generator.random(N) < 0.4,
        "popular": generator.random(N) < 0.3,
    }


def pairs_of(truth, world, made):
    """The pairs of a study in which `truth` is the case."""
    standard = (world["length"] - world["length"].mean()) / world["length"].std()
    bonus = truth["length"] * standard + truth["popular"] * world["popular"] + truth["single"] * ~world["several"]

    def pair(gdm, llm, gain=0.0):
        return made(
            pos=truth["pos"][gdm] + gain + (truth["llm_pos"] if llm == "large" else 0),
            neg=0.27 + (truth["llm_neg"] if llm == "large" else 0), bonus=bonus,
            shared=world["taste"][truth["taste"].get(gdm, 1)], agreement=truth["agreement"],
            untrained=truth["untrained"], untrained_agreement=truth["untrained_agreement"], signed=truth["signed"],
        )  # fmt: skip

    deeper = np.cumsum([0.0, *truth["layers"]])
    found = {
        (g, m, f"layers{n + 1}"): pair(g, m, deeper[n]) for g in MAIN for m in ("small", "large") for n in range(3)
    }
    found |= {("composition", m, "layers1"): pair("composition", m) for m in ("small", "large")}
    found |= {(g, m, "layers1"): pair(g, m, truth[m]) for g in MAIN for m in ("tuned", "shuffled")}
    for rung, width in enumerate(WIDTHS):
        found[f"ladder-{width}", "small", "layers1"] = pair(f"ladder-{width}", "small", truth["rung"] * rung)
    for width in WIDTHS[:-1]:
        found["ladder-1024", "small", f"pca{width}"] = pair("ladder-1024", "small", truth["rung"] * 2)
    turned = {g: replace(pair(g, "small"), pos=0.4 + truth["equal"] * (truth["pos"][g] - 0.4)) for g in MAIN}
    found |= {(g, "small", "equal"): turned[g] for g in MAIN}
    if "standardised" not in truth:
        return found
    scaled = {g: replace(pair(g, "small"), pos=0.4 + truth["standardised"] * (truth["pos"][g] - 0.4)) for g in MAIN}
    return found | {(g, "small", "standardised"): scaled[g] for g in MAIN}


@pytest.fixture(scope="module")
def facts(world, protein):
    """Proteins by id; the first 600 train and have the popular name."""
    train = np.arange(N) < N - TEST
    return {
        f"P{k:05d}": protein(
            f"P{k:05d}",
            length=int(world["length"][k]),
            entities=1 + int(world["several"][k]),
            name="common" if train[k] or world["popular"][k] else f"rare {k}",
        )
        for k in range(N)
    }


@pytest.fixture(scope="module")
def case(world, facts, made, study):
    """Builds the case of a study in which a truth is the case."""

    def build(truth):
        evidence = study(
            pairs_of(truth, world, made), n=N, test=TEST, seeds=2, draws=6, splits=("random", "cluster"), gdms=GDMS,
            llms=LLMS, variants=VARIANTS, facts=facts,
            by_split=lambda split, a: a if split == "random" else replace(a, pos=0.4 + truth["cluster"] * (a.pos - 0.4)),
        )  # fmt: skip
        return FindingContext(evidence)

    return build


@pytest.fixture(scope="module")
def true_case(case):
    """The case in which all but the first is as the paper says (its first claim contradicts its own fourth)."""
    return case(TRUE)


@pytest.mark.parametrize("number", range(2, 21))
def test_a_true_finding_holds(number, true_case):
    """In a made study that is as the paper says, the finding holds."""
    judged = judge(FINDINGS[number - 1], true_case)
    assert judged.verdict == "holds", judged


def test_the_first_finding_holds_where_gat_works(case):
    """With a GAT that learns something, trained heads score above untrained ones for every pair."""
    better = TRUE | {"pos": {**TRUE["pos"], "gat": 0.4}}
    assert judge(FINDINGS[0], case(better)).verdict == "holds"


@pytest.mark.parametrize("number", range(1, 21))
def test_a_false_finding_does_not_hold(number, case):
    """In a made study where the opposite was put in, the finding does not hold."""
    judged = judge(FINDINGS[number - 1], case(TRUE | FALSE[number]))
    assert judged.verdict == "does not hold", judged


def test_the_cluster_split_can_overturn_the_order(case):
    """Finding 18 looks at the cluster split too."""
    assert judge(FINDINGS[17], case(TRUE | {"cluster": -1})).verdict == "does not hold"


@pytest.mark.parametrize(("order", "verdict"), [(1, "holds"), (-1, "does not hold")])
def test_the_scale_of_the_inputs_can_overturn_the_order(case, order, verdict):
    """Where the study has heads on standardised inputs for every GDM, finding 18 asks them too."""
    assert judge(FINDINGS[17], case(TRUE | {"standardised": order})).verdict == verdict


def test_a_control_that_gains_as_much_is_said(case):
    """Fine-tuning that helps no more than its shuffled control holds as the paper's claim, with a remark."""
    judged = judge(FINDINGS[16], case(TRUE | {"shuffled": 0.05}))
    assert judged.verdict == "holds"
    assert "gains more than the control whose ids are exchanged is not shown" in judged.why


def test_the_rows_say_what_the_verdicts_hang_on(true_case):
    """`run` gives one row per finding, with the interval around the value, and counts the verdicts."""
    found = run(true_case.evidence)
    assert [r["number"] for r in found["rows"]] == list(range(1, 21))
    assert all(r["low"] <= r["value"] <= r["high"] for r in found["rows"])
    assert found["counts"] == {"holds": 19, "does not hold": 1, "undecided": 0, "not testable": 0}
    assert len(found["details"]["1"]) == 8


def small(study, made, **more):
    """A study of one GDM and one language model."""
    return study({("gearnet", "a"): made()}, **more)


def test_what_a_study_lacks_is_not_testable(study, made):
    """One GDM and one model: most findings name what is missing, and nothing is claimed of them."""
    rows = {row["number"]: row for row in run(small(study, made))["rows"]}
    missing = {n: rows[n]["why"] for n in (3, 4, 5, 6, 7, 8, 9, 14, 15, 16, 17, 18, 19)}
    assert all(rows[n]["verdict"] == "not testable" for n in missing)
    assert all(rows[n]["value"] is None for n in missing)
    assert "kind gat" in missing[4]
    assert "family" in missing[5]
    assert "dimension_ladder" in missing[14]
    assert "fine_tuning" in missing[17]
    assert "composition" in missing[19]


def test_random_weights_are_asked_nothing(study, made):
    """A GDM with random weights is a control: no finding holds or fails because of it."""
    gdms = {"gearnet": Encoder("gearnet", "gearnet", "main", weights="random", weights_state="random")}
    rows = run(small(study, made, gdms=gdms))["rows"]
    assert {row["verdict"] for row in rows} == {"not testable"}
    assert "trained weights" in rows[0]["why"]


@pytest.mark.parametrize("test", [0, 1, 3, 9])
def test_few_proteins_are_never_a_verdict(test, study, made):
    """With fewer than ten test proteins everything is not testable, and nothing crashes."""
    rows = run(small(study, made, n=30, test=test))["rows"]
    assert {row["verdict"] for row in rows} == {"not testable"}
    assert f"only {test} test protein" in rows[0]["why"]


def test_wide_intervals_are_undecided(study, made):
    """Ten proteins whose scores spread widely cannot say whether length matters."""
    rows = {r["number"]: r for r in run(small(study, made, n=30, test=12))["rows"]}
    assert rows[11]["verdict"] == "undecided"
    assert "allows both" in rows[11]["why"]


def test_undecided_parts_of_a_claim_are_told_apart():
    """Each reason names what it is about; two like ones would be the same words twice. One alone needs no name."""
    first, second = (
        Judgement("undecided", SimpleNamespace(label=name), "the interval allows both", []) for name in "ab"
    )
    assert all_of(first, second).why == "a: the interval allows both; b: the interval allows both"
    assert all_of(first, Judgement("holds", None, "", [])).why == "the interval allows both"


def test_findings_are_the_twenty():
    """Numbers run from 1 to 20; the paper's numbers stand beside its seventeen claims, none beside ours."""
    assert [f.number for f in FINDINGS] == list(range(1, 21))
    assert sorted(paper_texts()) == list(range(1, 18))
