"""The permutation null of a score: where nothing is related z has a standard deviation of 1, families or not."""

import numpy as np
import pytest
from scipy import stats

from alignscape.alignment.result import PairResult, SplitScores
from alignscape.alignment.score import alignment_score, null_test, permuted_scores, protein_scores, random_permutations
from alignscape.config.study import Variant
from alignscape.questions.evidence.null import permutation_null, widening
from alignscape.statistics.clusters import Clusters

SIZES = [20, 15, 12, 10, 8, 6, 6, 4, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2] + [1] * 87
N = sum(SIZES)


def vectors(alike: float, generator: np.random.Generator) -> np.ndarray:
    """Unit rows (n, 16) whose families share that part of their variance, about a common direction."""
    family = np.repeat(np.arange(len(SIZES)), SIZES)
    rows = np.sqrt(alike) * generator.standard_normal((len(SIZES), 16))[family]
    rows += np.sqrt(1 - alike) * generator.standard_normal((N, 16)) + 0.5 * generator.standard_normal(16)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def pair_of(s: np.ndarray, generator: np.random.Generator) -> PairResult:
    """A pair with these similarities, one seed, and the null that the alignment makes of them."""
    null = null_test(alignment_score(s), permuted_scores(s, random_permutations(len(s), 200, generator)))
    own = {name: values[None].astype(np.float32) for name, values in vars(protein_scores(s)).items()}
    names = ("score", "negative", "negative_signed", "negative_of_text", "negative_signed_of_text")
    untrained = {f"untrained_{name}": own[name] for name in names}
    summary = {"null_mean": null.mean, "null_sd": null.sd, "z": null.z, "p": null.p}
    scores = SplitScores(**own, **untrained, pool=np.full(len(s), len(s), np.int32), summary=summary)
    ids = [f"P{i:03d}" for i in range(len(s))]
    return PairResult("g", "m", "layers1", Variant(), ids, {"kfold": scores})


def test_z_of_unrelated_families_varies_as_it_should_and_rejects_as_often():
    """Exchanging single proteins, as the alignment does, makes z vary twice as much: one in five is beyond chance."""
    generator = np.random.default_rng(5)
    clusters = {f"P{i:03d}": int(c) for i, c in enumerate(np.repeat(np.arange(len(SIZES)), SIZES))}
    plain, mended, rejected = [], [], []
    for _ in range(250):
        pair = pair_of(vectors(0.9, generator) @ vectors(0.9, generator).T, generator)
        found = permutation_null(pair, "kfold", clusters)
        plain.append(pair.splits["kfold"].summary["z"])
        mended.append(found["z"])
        rejected.append(found["p"] < 0.05)
        assert found["null_sd"] >= pair.splits["kfold"].summary["null_sd"]
    assert np.std(plain) > 1.7
    assert np.mean(np.array(plain) > 1.645) > 0.12
    assert np.std(mended) == pytest.approx(1, abs=0.12)
    assert np.mean(rejected) == pytest.approx(0.05, abs=0.035)


def test_without_relatives_the_null_is_that_of_the_permutations():
    generator = np.random.default_rng(1)
    pair = pair_of(vectors(0.0, generator) @ vectors(0.0, generator).T, generator)
    found = permutation_null(pair, "kfold", {id_: k for k, id_ in enumerate(pair.ids)})
    assert found == {k: pair.splits["kfold"].summary[k] for k in ("null_mean", "null_sd", "z", "p")}


def test_a_truly_aligned_pair_stays_far_beyond_chance():
    generator = np.random.default_rng(2)
    rows = vectors(0.6, generator)
    clusters = {f"P{i:03d}": int(c) for i, c in enumerate(np.repeat(np.arange(len(SIZES)), SIZES))}
    found = permutation_null(pair_of(rows @ rows.T, generator), "kfold", clusters)
    assert found["z"] > 10
    assert found["p"] == 1 / 201


def test_twins_widen_the_error_by_the_root_of_two():
    """n proteins that are n / 2 pairs of equals have the error of n / 2 proteins."""
    values = np.repeat(np.random.default_rng(0).standard_normal(400), 2)
    wider, df = widening(values, Clusters.of(np.repeat(np.arange(400), 2)))
    assert wider == pytest.approx(np.sqrt(2), rel=0.01)
    assert stats.t.ppf(0.975, df) == pytest.approx(stats.t.ppf(0.975, 399), rel=0.01)
