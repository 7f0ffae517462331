"""The error of a score is that of leaving proteins out of its whole test set: as itself and as one of the others."""

import numpy as np
import pytest

from alignscape.alignment.result import PairResult, SplitScores
from alignscape.alignment.score import protein_scores
from alignscape.config.study import Variant
from alignscape.questions.evidence.score_table import score_table


def table_of(s):
    """A table of one pair with these similarities (n, n), one seed."""
    n = len(s)
    found = {name: values[None].astype(np.float32) for name, values in vars(protein_scores(s)).items()}
    names = ("score", "negative", "negative_signed", "negative_of_text", "negative_signed_of_text")
    untrained = {f"untrained_{name}": found[name] for name in names}
    scores = SplitScores(**found, **untrained, pool=np.full(n, n, np.int32))
    ids = [f"P{k:03d}" for k in range(n)]
    return score_table([PairResult("g", "m", "layers1", Variant(), ids, {"random": scores})], "random")


def jackknife(s, score):
    """Standard error of the score by leaving out each protein, its row and its column."""
    n = len(s)
    left = []
    for k in range(n):
        rest = np.delete(np.delete(s, k, axis=0), k, axis=1)
        found = protein_scores(rest)
        left.append((found.score - (found.negative_signed if score == "calibrated" else found.negative)).mean())
    return np.sqrt((n - 1) / n * np.sum((np.array(left) - np.mean(left)) ** 2))


@pytest.mark.parametrize("score", ["paper", "calibrated"])
@pytest.mark.parametrize("spread", [0.2, 2.0])
def test_the_error_is_the_jackknifes(score, spread):
    """Heads whose texts and structures have a pull of their own (hubs), weak or strong: within 4 per cent."""
    generator = np.random.default_rng(0)
    structure, text = generator.standard_normal((2, 90, 12))
    text = text + 0.8 * structure + spread * generator.standard_normal(12)
    structure = structure + spread * np.ones(12)
    unit = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (structure, text)]
    s = unit[0] @ unit[1].T
    found = table_of(s).means(score).estimates()
    assert found.error[0] == pytest.approx(jackknife(s, score), rel=0.04)


def test_the_value_is_the_score():
    """What moves the error leaves the value alone."""
    s = np.random.default_rng(1).uniform(-1, 1, (20, 20))
    own = np.diagonal(s)
    others = (s.sum() - own.sum()) / (20 * 19)
    assert table_of(s).means("calibrated").value[0] == pytest.approx(own.mean() - others, abs=1e-6)
