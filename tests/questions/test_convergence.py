"""Pairs whose heads were still learning when training ended are marked, told of, and none else."""

import numpy as np
import pytest

from alignscape.alignment.pair import PairName, align_pair
from alignscape.alignment.split import make_splits
from alignscape.config.study import Alignment, Variant
from alignscape.questions.pairs import analysis as pairs
from alignscape.questions.pairs.convergence import convergence


def trained(best: list[int], loss: list[float]) -> dict:
    return {"training": {"best_epochs": best, "loss_validation": loss}}


FLAT = [3.0, 2.0, *[1.5] * 38]


@pytest.mark.parametrize(
    ("best", "loss", "late", "marked"),
    [
        ([12, 20, 30, 38], FLAT, 0.0, False),  # the last two of 40 epochs are the last 5 %
        ([39, 40, 30, 12], FLAT, 0.5, True),
        ([39, 20, 30, 12], FLAT, 0.25, False),
        ([12, 20, 30, 12], np.linspace(3, 1, 40).tolist(), 0.0, True),  # still falling, by 5 % of its whole fall
        ([12, 20, 30, 12], [*np.linspace(3, 1, 38), 1.0, 1.5], 0.0, False),  # rises: overfitted, not short
        ([1], [2.0], 1.0, True),
    ],
)
def test_a_pair_is_marked_if_half_of_its_heads_were_best_at_the_end_or_the_loss_still_falls(best, loss, late, marked):
    assert convergence(trained(best, loss)) == {"late_heads": late, "not_converged": marked}


def test_nothing_is_said_where_nothing_was_trained():
    assert convergence({"reason": "too few"}) == {"late_heads": None, "not_converged": None}


@pytest.mark.parametrize(("rate", "marked"), [(1e-5, True), (3e-3, False)])
def test_heads_that_learn_too_slowly_are_marked(rate, marked):
    """The same epochs with steps of two sizes: with one the heads have learned what they can."""
    generator = np.random.default_rng(0)
    ids = [f"P{i:03d}" for i in range(120)]
    common = generator.standard_normal((120, 4))
    text = (common @ generator.standard_normal((4, 24))).astype(np.float32)
    noise = generator.standard_normal((120, 12))
    structure = (common @ generator.standard_normal((4, 12)) + noise).astype(np.float32)
    config = Alignment(splits=["random"], seeds=2, untrained_draws=2, permutations=20, epochs=60, learning_rate=rate)
    splits = make_splits(ids, [], None, config=config, seed=1)
    about = {"config": config, "variant": Variant(), "seed": 1, "name": PairName("g", "m", "layers1")}
    result, _, _ = align_pair(structure, text, ids, splits, **about)
    assert convergence(result.splits["random"].summary)["not_converged"] == marked


def test_the_answer_and_the_table_say_which(study, made):
    evidence = study({("g", "a"): made(), ("h", "a"): made()})
    for result, best in zip(evidence.results, ([40, 40], [10, 10]), strict=True):
        result.splits["random"].summary.update(trained(best, FLAT))
    found = pairs.run(evidence)
    marks = {(r["gdm"], r["state"]): r["not_converged"] for r in found["rows"]}
    assert marks == {
        ("g", "trained"): True,
        ("h", "trained"): False,
        ("g", "untrained"): None,
        ("h", "untrained"): None,
    }
    assert "1 of 2 pairs was still learning when training ended" in found["answer"]
