"""Whole clusters train encoders, so that the families left to test are as large as those of all proteins."""

import numpy as np
import pytest

from alignscape.alignment.clusters import save_clusters
from alignscape.alignment.encoder_training import encoder_training_ids, first_groups, trains_encoders
from alignscape.alignment.split import make_splits
from alignscape.config.study import Alignment


def families(n: int, seed: int) -> dict[str, int]:
    """Clusters of n proteins with P(size) ~ size^-1.9 up to 500, in an order that has nothing to do with their ids."""
    generator = np.random.default_rng(seed)
    sizes = np.arange(1, 501)
    drawn = generator.choice(sizes, n, p=sizes**-1.9 / (sizes**-1.9).sum())
    numbers = np.repeat(np.arange(len(drawn)), drawn)[:n]
    return {f"P{i:05d}": int(c) for i, c in enumerate(generator.permutation(numbers))}


def share_alone(ids, clusters: dict[str, int]) -> float:
    """Share of the proteins whose cluster has no other member in the study."""
    sizes = np.bincount(list(clusters.values()))
    return float(np.mean([sizes[clusters[id_]] == 1 for id_ in ids]))


@pytest.mark.parametrize("name", ["cluster", "kfold_cluster"])
def test_the_cluster_splits_test_as_many_singletons_and_large_families_as_there_are(name):
    """Chosen protein by protein, 30 % leave a family of m free in 0.7^m of the cases: half of what was tested was alone."""
    alone, tested, large = [], [], []
    for seed in range(4):
        clusters = families(6000, seed)
        training = encoder_training_ids(None, clusters, fraction=0.3, seed=seed)
        assert len(training) == pytest.approx(1800, abs=150)
        config = Alignment(splits=[name])
        split = make_splits(list(clusters), training, clusters, config=config, seed=seed)[name]
        ids = [split.ids[row] for row in split.tested]
        alone.append(share_alone(ids, clusters) - share_alone(clusters, clusters))
        sizes = np.bincount(list(clusters.values()))
        large.append(np.mean([sizes[clusters[i]] > 10 for i in ids]))
        tested.append(len(ids))
    assert np.mean(alone) == pytest.approx(0, abs=0.05)
    assert np.mean(large) > 0.4
    assert np.mean(tested) == pytest.approx(600 if name == "cluster" else 4200, rel=0.1)


def test_no_family_is_cut_and_none_is_larger_than_the_share():
    clusters = families(2000, 3)
    training = set(encoder_training_ids(None, clusters, fraction=0.1, seed=1))
    touched = {clusters[id_] for id_ in training}
    assert {id_ for id_, cluster in clusters.items() if cluster in touched} == training
    assert max(np.bincount([clusters[id_] for id_ in training])) <= 200


def test_the_choice_follows_the_seed_and_not_the_numbering_of_clusters():
    clusters = families(500, 0)
    renumbered = {id_: 10_000 - cluster for id_, cluster in clusters.items()}
    chosen = encoder_training_ids(None, clusters, fraction=0.3, seed=1)
    assert chosen == encoder_training_ids(None, renumbered, fraction=0.3, seed=1)
    assert chosen != encoder_training_ids(None, clusters, fraction=0.3, seed=2)


def test_proteins_added_later_hardly_change_the_choice():
    clusters = families(3000, 2)
    more = clusters | {f"Q{i}": 100_000 + i for i in range(30)}
    before, after = (set(encoder_training_ids(None, c, fraction=0.3, seed=1)) for c in (clusters, more))
    assert len(before ^ after) < 200


def test_named_proteins_are_taken_as_they_are():
    assert encoder_training_ids(["B", "A"], {"A": 0, "B": 1, "C": 1}, fraction=0.9, seed=1) == ["A", "B"]


@pytest.mark.parametrize("named", [["2B", "1A"], ["1A:X,Y", "2B:Y"]])
def test_an_entry_that_is_named_stands_for_every_chain_of_it(named):
    """With `unit: chain` the plan knows entries, and the proteins that were read are their chains."""
    clusters = {"1A:X": 0, "1A:Y": 0, "2B:Y": 1, "3C:X": 2}
    assert encoder_training_ids(named, clusters, fraction=0.1, seed=1) == ["1A:X", "1A:Y", "2B:Y"]


def test_a_job_asks_by_id_and_one_that_is_given_named_proteins_takes_all(tmp_path):
    clusters = families(200, 1)
    save_clusters(tmp_path / "clusters.tsv", clusters)
    trains = trains_encoders([tmp_path / "clusters.tsv"], fraction=0.3, seed=5)
    chosen = encoder_training_ids(None, clusters, fraction=0.3, seed=5)
    assert [id_ for id_ in sorted(clusters) if trains(id_)] == chosen
    assert trains_encoders([], fraction=0.3, seed=5)("whoever")


def test_the_first_groups_nearest_to_a_size():
    groups = ["a", "bbb", "cc", "d"]
    assert [first_groups(groups, size) for size in (0, 1, 2, 3, 5, 100)] == [0, 1, 1, 2, 2, 4]
    assert first_groups([], 5) == 0
