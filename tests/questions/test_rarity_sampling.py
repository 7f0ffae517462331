"""RQ3 before and after: by how much popular proteins score above rare ones, with heads of either sampling."""

import numpy as np
import pytest

from alignscape.config.study import Alignment, Variant
from alignscape.questions.rarity import QUESTION
from alignscape.questions.rarity import analysis as rarity
from alignscape.questions.rarity.sampling import before_and_after

VARIANTS = {"layers1": Variant(), "by-cluster": Variant(sampling="by_cluster"), "sym": Variant(loss="symmetric")}
POPULAR = [f"P{k:05d}" for k in range(120, 180)]
RARE = [f"P{k:05d}" for k in range(250, 390)]
BONUS = np.where(np.isin(np.arange(400), np.arange(120, 180)), 0.2, 0.0)


def of(study, made, *, after: float, **more):
    pairs = {("g", "a"): made(bonus=BONUS), ("g", "a", "by-cluster"): made(bonus=after * BONUS)}
    return study(pairs | {("h", "a"): made()}, variants=VARIANTS, **more)


def test_the_gaps_and_their_change_are_those_of_plain_means(study, made):
    """A bonus of 0.2 for the popular, halved by sampling; errors as of two samples where everybody is alone."""
    evidence = of(study, made, after=0.5, seeds=1)
    (row,) = before_and_after(evidence, POPULAR, RARE)
    assert (row["gdm"], row["llm"]) == ("g", "a")
    assert (row["before"], row["after"], row["difference"]) == pytest.approx((0.2, 0.1, -0.1), abs=0.06)
    (result,) = [r for r in evidence.results if r.variant == "by-cluster"]
    scores = result.splits["random"]
    own = dict(zip(result.ids, (scores.score - scores.negative_signed)[0].astype(float), strict=True))
    one, other = (np.array([own[i] for i in group]) for group in (POPULAR, RARE))
    assert row["after"] == pytest.approx(one.mean() - other.mean())
    error = np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    assert row["after_high"] - row["after"] == pytest.approx(1.97 * error, rel=0.03)


def test_no_change_is_seldom_beyond_chance_also_where_the_popular_are_few_families(study, made):
    """Sixty popular proteins in six families, whose tastes either kind of heads has of its own."""
    family = {f"P{k:05d}": k // 10 for k in range(400)}
    p = []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        tastes = [np.repeat(generator.normal(0, 0.15, 40), 10) for _ in range(2)]
        pairs = {("g", "a"): made(bonus=tastes[0]), ("g", "a", "by-cluster"): made(bonus=tastes[1])}
        evidence = study(pairs, variants=VARIANTS, clusters=family, seed=seed)
        p.append(before_and_after(evidence, POPULAR, RARE)[0]["p"])
    assert np.mean(np.array(p) < 0.05) < 0.15


def test_the_answer_says_what_sampling_does_and_nothing_where_it_was_not_tried(study, made, protein):
    names = {k: "Lysozyme" for k in [*range(10, 40), *range(120, 180)]}
    facts = {f"P{k:05d}": protein(f"P{k:05d}", name=names.get(k, f"Protein of kind {k} x")) for k in range(400)}
    found = rarity.run(of(study, made, after=0.0, facts=facts))
    assert "instead of 0.1" in found["answer"]
    assert "less beyond chance in 1 and more in 0 of 1 pair" in found["answer"]
    assert [row["label"] for row in found["sampling"]] == ["g × a"]
    alone = rarity.run(study({("g", "a"): made()}, facts=facts))
    assert alone["sampling"] == []
    assert "each family" not in alone["answer"]


def test_the_question_reads_the_heads_that_were_sampled_by_cluster():
    main, alignment = frozenset({"main"}), Alignment()
    assert [QUESTION.pairs(variant, main, alignment) for variant in VARIANTS.values()] == [True, True, False]
    assert not QUESTION.pairs(VARIANTS["by-cluster"], frozenset({"main", "option"}), alignment)
