"""Studies with nothing to tell: every question ends with valid JSON, says why, and claims nothing."""

import json
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from alignscape.questions.findings import analysis as findings
from alignscape.questions.separability import analysis as separability

QUESTIONS = (
    "pairs", "correlation", "length", "rarity", "chains", "proteins", "dimension", "depth", "fine_tuning", "leakage",
    "methods", "separability", "findings",
)  # fmt: skip


def constant(evidence):
    """The same study with heads that give all proteins and texts the same similarity."""
    for result in evidence.results:
        for scores in result.splits.values():
            for name, values in vars(scores).items():
                if name.startswith(("score", "negative", "untrained")):
                    values[np.isfinite(values)] = 0.25
    return evidence


def studies(study, made, protein):
    """By name."""
    two = {("gearnet", m): made() for m in "ab"}
    ids = [f"P{k:05d}" for k in range(40)]
    alike = {i: protein(i, length=100, name="same") for i in ids}
    return {
        "constant rows": constant(study(two, n=40, test=24)),
        "one family": study(two, n=40, test=24, clusters=dict.fromkeys(ids, 0)),
        "two families": study(two, n=40, test=24, clusters={i: k % 2 for k, i in enumerate(ids)}),
        "one large family": study(two, n=40, test=24, clusters={i: max(0, k - 33) for k, i in enumerate(ids)}),
        "three tested": study(two, n=40, test=3),
        "one length, one name": study(two, n=40, test=24, facts=alike),
        "equal texts": study(two, n=40, test=24, texts=dict.fromkeys(ids, "the same")),
        "one seed": study(two, n=40, test=24, seeds=1),
        "identical pairs": twins(study(two, n=40, test=24)),
    }


def twins(evidence):
    """The same study in which the second pair has the first one's scores."""
    first = evidence.results[0]
    return replace(evidence, results=[first, replace(first, language_model="b")])


NAMES = (
    "constant rows", "one family", "two families", "one large family", "three tested", "one length, one name",
    "equal texts", "one seed", "identical pairs",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_every_question_ends_well(name, study, made, protein):
    """Valid JSON without NaN, an answer, rows or a reason; no warning of a division by 0 on the way."""
    evidence = studies(study, made, protein)[name]
    for question in QUESTIONS:
        found = import_module(f"alignscape.questions.{question}.analysis").run(evidence)
        json.dumps(found, allow_nan=False)
        assert found["answer"], question
        assert "nan" not in found["answer"], found["answer"]
        assert found["rows"] or found["not_testable"], question


@pytest.mark.parametrize("name", ["one family", "two families", "three tested"])
def test_too_little_is_no_verdict(name, study, made, protein):
    """Few families or proteins: no finding has a verdict, no pair is better, and the reason is said."""
    evidence = studies(study, made, protein)[name]
    assert {r["verdict"] for r in findings.run(evidence)["rows"]} == {"not testable"}
    assert separability.run(evidence)["not_testable"].startswith("only ")


def test_identical_pairs_are_told_from_each_other_by_nothing(study, made, protein):
    """Two pairs with the same scores have no difference, and neither is better."""
    row = separability.run(studies(study, made, protein)["identical pairs"])["rows"][0]
    assert (row["difference"], row["p"]) == (0, 1)
    assert row["verdict"] in ("equal", "undecided")
