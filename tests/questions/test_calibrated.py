"""The calibrated score: its chance level, what it ranks, and what the answers say of it."""

import numpy as np
import pytest

from alignscape.alignment.score import alignment_score, protein_scores
from alignscape.questions.dimension import analysis as dimension
from alignscape.questions.evidence.catalogue import Encoder
from alignscape.questions.findings.analysis import OF_SCORES, run
from alignscape.questions.findings.judgement import FAILS, HOLDS, UNDECIDED, Drawn, all_of, each_above, each_within
from alignscape.questions.leakage import analysis as leakage
from alignscape.questions.pairs import analysis as pairs
from alignscape.questions.separability import analysis as separability


def calibrated(s):
    """Mean calibrated score of similarities (n, n)."""
    found = protein_scores(s)
    return float((found.score - found.negative_signed).mean())


@pytest.mark.parametrize("offset", [0.0, 0.4])
def test_chance_is_zero_whatever_the_heads(offset):
    """Over all shifts of the texts against the structures the calibrated score averages 0; the paper's does not."""
    s = np.random.default_rng(0).uniform(-0.3, 0.3, (12, 12)) + offset
    shifts = [np.roll(s, k, axis=1) for k in range(12)]
    assert np.mean([calibrated(shift) for shift in shifts]) == pytest.approx(0, abs=1e-12)
    assert (np.mean([alignment_score(shift) for shift in shifts]) < -0.1) == (offset == 0)


def test_a_row_holds_both_scores(study, made):
    """`score` stays the paper's, `calibrated` takes the others with their sign; of untrained heads too."""
    evidence = study({("g", "a"): made(signed=0.1)}, test=40)
    trained, untrained = pairs.run(evidence)["rows"]
    arrays = evidence.results[0].splits["random"]
    assert trained["score"] == pytest.approx(np.nanmean(arrays.score) - np.nanmean(arrays.negative), abs=1e-6)
    assert trained["calibrated"] == pytest.approx(trained["pos"] - trained["neg_signed"])
    assert untrained["calibrated"] == pytest.approx(untrained["pos"] - untrained["neg_signed"])
    assert trained["calibrated_low"] < trained["calibrated"] < trained["calibrated_high"]
    assert trained["calibrated_p"] < 1e-6


def crossed(made):
    """Pairs whose order is another by the two scores: a's others are nearly as similar as its own, b's are not."""
    return {("g", "a"): made(pos=0.6, neg=0.3, signed=0.3), ("g", "b"): made(pos=0.5, neg=0.3, signed=0.0)}


def test_pairs_are_ranked_by_the_calibrated_score(study, made):
    """Ranking and verdicts are those of the calibrated score, and the answer says that the paper's has another first."""
    found = separability.run(study(crossed(made)))
    assert [p["llm"] for p in found["pairs"]] == ["b", "a"]
    assert found["verdict"][0][1] == "better"
    assert "By the paper's score, whose chance level differs from pair to pair, g × a would be first" in found["answer"]


def test_where_the_orders_agree_nothing_is_said(study, made):
    """No sentence about the paper's score if it has the same pair first."""
    assert (
        "paper" not in separability.run(study({("g", m): made(pos=p) for m, p in (("a", 0.5), ("b", 0.6))}))["answer"]
    )


def test_a_gain_that_is_only_chance_level_is_none(study, made):
    """Rungs of a ladder whose others grow as similar as their own: the trend of the calibrated score is flat."""
    gdms = {f"w{w}": Encoder(f"w{w}", "gearnet", "ladder", dimension=w) for w in (64, 128, 256)}
    rising = {(f"w{w}", "a"): made(pos=0.3 + 0.1 * k, neg=0.3, signed=0.1 * k) for k, w in enumerate((64, 128, 256))}
    trend = dimension.run(study(rising, gdms=gdms))["trend"][0]
    assert trend["low"] < 0 < trend["high"]


def test_findings_are_judged_on_both_scores(study, made):
    """GAT at a paper's score below 0 that is above chance: holds as the paper words it, not on the calibrated score."""
    rows = {r["number"]: r for r in run(study({("gat", "a"): made(pos=0.2, neg=0.3, signed=0.0)}))["rows"]}
    assert (rows[4]["verdict"], rows[4]["calibrated_verdict"]) == (HOLDS, FAILS)
    assert rows[4]["value"] < 0 < rows[4]["calibrated_low"]
    assert {n for n, r in rows.items() if r["calibrated_verdict"] is not None} == set(OF_SCORES)


def test_the_answer_names_findings_with_two_verdicts(study, made):
    """Which findings have another verdict on the calibrated score."""
    answer = run(study({("gat", "a"): made(pos=0.2, neg=0.3, signed=0.0)}))["answer"]
    assert "On the calibrated score the verdict is another for" in answer
    assert "4 (does not hold)" in answer


def baselines(made, level):
    """Two main pairs and a baseline of that level."""
    gdms = {g: Encoder(g, g, "main", weights="trained", weights_state="trained here") for g in ("gearnet", "gvp")}
    gdms["composition"] = Encoder("composition", "composition", "baseline")
    scored = {("gearnet", "a"): made(pos=0.5), ("gvp", "a"): made(pos=0.4), ("composition", "a"): made(pos=level)}
    return scored, gdms


@pytest.mark.parametrize(
    ("level", "said"),
    [(0.7, "A baseline beats it: composition × a has 0.696, difference 0.2"), (0.5, "It cannot be told from a baseline: composition × a"),
     (0.2, "It beats the highest baseline, composition × a (difference 0.287 [")],
)  # fmt: skip
def test_the_headline_says_what_a_baseline_does(level, said, study, made):
    """A baseline above, level with or below the highest pair is in the first answer; the ranking has main pairs only."""
    scored, gdms = baselines(made, level)
    found = separability.run(study(scored, gdms=gdms))
    assert said in found["answer"]
    assert [p["gdm"] for p in found["pairs"]] == ["gearnet", "gvp"]
    assert found["baseline"]["label"] == "composition × a"


def test_the_headline_lists_by_the_highest_pairs_own_row(study, made):
    """The highest pair is noisy and told from none; that the second is better than the third is not said of the first."""
    taste = np.random.default_rng(3).standard_normal(400)
    close = {"shared": taste, "agreement": 0.995, "spread": 0.2}
    about = {"a": made(pos=0.65, spread=0.9), "b": made(pos=0.52, **close), "c": made(pos=0.48, **close)}
    found = separability.run(study({("g", m): p for m, p in about.items()}, seed=1))
    assert [p["llm"] for p in found["pairs"]] == ["a", "b", "c"]
    assert found["verdict"][1][2] == "better"
    assert found["verdict"][0][1:] == ["undecided", "undecided"]
    assert found["level"] == ["g × b", "g × c"]
    assert "cannot be told from any of the 2 others" in found["answer"]
    assert "worse" not in found["answer"]


def test_equal_is_not_undecided(study, made):
    """Two pairs whose difference is surely below 0.02 are equal; two that spread widely are undecided."""
    taste = np.random.default_rng(0).standard_normal(400)
    close = {"shared": taste, "agreement": 0.999, "spread": 0.2}
    equal = separability.run(study({("g", m): made(**close) for m in "ab"}))
    wide = separability.run(study({("g", m): made(spread=0.4) for m in "ab"}))
    assert equal["verdict"][0][1] == equal["verdict"][1][0] == "equal"
    assert wide["verdict"][0][1] == "undecided"
    assert "To tell it from" in wide["answer"]
    assert "To tell it from" not in equal["answer"]


def normal(value, error):
    """An item of which 2,000 draws are known."""
    return Drawn("x", value, value + error * np.random.default_rng(0).standard_normal(2000), 1e6, 100)


def test_a_refutation_is_corrected_for_all_parts():
    """A part that is below its bound at 95 % refutes alone, but not as one of three parts."""
    item = normal(-0.21, 0.1)
    assert each_above([item]).verdict == FAILS
    assert all_of(*(each_above([i], among=3) for i in (item, normal(1, 0.1), normal(1, 0.1)))).verdict == UNDECIDED
    assert each_above([normal(-0.4, 0.1)], among=3).verdict == FAILS


def test_undecided_says_how_many_proteins_would_decide():
    """Twice the distance needs a quarter of the proteins; none would decide at the bound itself."""
    near, far = (each_above([normal(v, 0.1)]) for v in (0.05, 0.1))
    assert near.verdict == far.verdict == UNDECIDED
    numbers = [int(j.why.split("about ")[1].split()[0].replace(",", "")) for j in (near, far)]
    assert numbers[0] == pytest.approx(100 * (2.8 * 0.1 / 0.05) ** 2, rel=0.1)
    assert numbers[1] == pytest.approx(numbers[0] / 4, rel=0.1)
    assert "more than a million proteins" in each_within([normal(0.02, 0.1)], 0.02).why


def test_what_holds_shows_an_interval_on_its_side(study, made):
    """The number that decides is the number shown: finding 20 holds only where the interval printed lies above 0."""
    for pos in (0.3, 0.02, 0.0):
        row = run(study({("gvp", "a"): made(pos=pos, neg=0.3)}, test=60))["rows"][19]
        assert (row["verdict"] == HOLDS) == (row["low"] > 0)


def test_the_ends_at_a_level_shared_by_many_are_not_the_outermost_draws():
    """Thirty comparisons: the 0.08 % point of 2,000 draws is the second of them, and another in every run."""
    level, ends = 1 - 0.05 / 30, []
    for seed in range(40):
        draws = np.random.default_rng(seed).standard_normal(2000)
        ends.append(Drawn("x", 0.0, draws, 1e6, 100).ends(level)[1])
    assert np.mean(ends) == pytest.approx(3.144, abs=0.02)  # of the normal distribution
    assert np.std(ends) < 0.08
    draws = np.random.default_rng(0).standard_normal(2000)
    assert Drawn("x", 0.0, draws, 1e6, 100).ends()[1] == pytest.approx(np.quantile(draws, 0.975), rel=1e-4)


def test_a_score_has_one_interval_wherever_it_stands(study, made):
    """The table of pairs, the ranking, both splits side by side and finding 20 say the same three numbers of a pair."""
    names = ("calibrated", "calibrated_low", "calibrated_high")
    evidence = study({("gearnet", m): made(pos=p) for m, p in (("a", 0.5), ("b", 0.3))}, splits=("random", "cluster"))
    rows = [r for r in pairs.run(evidence)["rows"] if (r["state"], r["split"]) == ("trained", "random")]
    stands = {r["label"]: pytest.approx([r[n] for n in names], abs=1e-12) for r in rows}
    assert {p["label"]: [p[n] for n in names] for p in separability.run(evidence)["pairs"]} == stands
    side = leakage.run(evidence)["side_by_side"]
    assert {r["label"]: [r["scores"]["random"][n] for n in names] for r in side} == stands
    judged = run(evidence)["details"]["20"]
    assert {j["label"]: [j[n] for n in ("value", "low", "high")] for j in judged} == stands
