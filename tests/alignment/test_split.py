"""The split: sorted, seeded, whole clusters, no encoder-training protein ever held out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignscape.alignment.split import Split, assert_whole_clusters, load_splits, make_splits, save_splits
from alignscape.config.study import Alignment

IDS = [f"P{i:03d}" for i in range(200)]
CONFIG = Alignment(splits=["random", "cluster", "kfold", "kfold_cluster"], folds=5)
CLUSTERS = {id_: i // 3 for i, id_ in enumerate(IDS)}


def made(ids=IDS, fixed=(), clusters=CLUSTERS, seed=1, config=CONFIG):
    return make_splits(ids, fixed, clusters, config=config, seed=seed)


def test_random_split_is_80_10_10_and_counts_the_encoder_training_proteins_into_the_80():
    run = made(fixed=IDS[:50])["random"].runs[0]
    assert (len(run.train), len(run.validation), len(run.test)) == (160, 20, 20)
    assert set(range(50)) <= set(run.train)


def test_the_order_of_the_given_ids_and_the_numbering_of_clusters_do_not_matter():
    shuffled = list(np.random.default_rng(0).permutation(IDS))
    renumbered = {id_: 1000 - cluster for id_, cluster in CLUSTERS.items()}
    assert made(shuffled, clusters=renumbered) == made()


def test_another_seed_gives_another_split():
    assert made(seed=1)["random"].parts != made(seed=2)["random"].parts


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 120), st.integers(0, 40), st.integers(1, 12), st.integers(0, 5))
def test_every_split_partitions_its_runs_and_never_holds_out_an_encoder_training_protein(n, n_fixed, size, seed):
    ids, fixed = IDS[:n], IDS[:n:3][:n_fixed]
    clusters = {
        id_: int(c) for id_, c in zip(ids, np.random.default_rng(seed).integers(0, 1 + n // size, n), strict=True)
    }
    for split in made(ids, fixed, clusters, seed).values():
        for run in split.runs:
            joined = np.concatenate([run.train, run.validation, run.test])
            assert np.array_equal(np.sort(joined), np.arange(n))
            held = {ids[i] for i in [*run.validation, *run.test]}
            assert held.isdisjoint(fixed)
        assert (split.reason is None) == bool(split.runs)
        if split.name.endswith("cluster"):
            assert_whole_clusters(split, clusters)


@pytest.mark.parametrize("name", ["kfold", "kfold_cluster"])
def test_kfold_tests_every_free_protein_exactly_once(name):
    split = made(fixed=IDS[:60])[name]
    tested = np.concatenate([run.test for run in split.runs])
    fixed_clusters = {CLUSTERS[id_] for id_ in IDS[:60]}
    expected = [i for i, id_ in enumerate(IDS) if i >= 60 and not (name != "kfold" and CLUSTERS[id_] in fixed_clusters)]
    assert sorted(tested) == expected
    assert np.array_equal(split.tested, expected)


def test_a_cluster_larger_than_the_test_part_is_trained_on():
    clusters = {id_: 0 if i < 60 else i for i, id_ in enumerate(IDS)}
    run = made(clusters=clusters)["cluster"].runs[0]
    assert set(range(60)) <= set(run.train)
    assert len(run.test) == 20


def test_a_cluster_in_two_parts_is_an_error():
    split = Split("cluster", ("A", "B"), ("train", "test"))
    with pytest.raises(ValueError, match="cluster 7 of B spans train and test"):
        assert_whole_clusters(split, {"A": 7, "B": 7})


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_too_few_proteins_give_a_reason_and_no_run(n):
    for split in made(IDS[:n]).values():
        assert split.runs == []
        assert str(n) in split.reason


def test_a_restricted_split_keeps_everybody_s_part():
    split = made()["kfold"]
    fewer = split.restrict(IDS[5:150])
    assert fewer.ids == tuple(IDS[5:150])
    assert fewer.parts == split.parts[5:150]


def test_saved_splits_come_back_equal(tmp_path):
    splits = made()
    save_splits(tmp_path / "splits.tsv", splits)
    assert load_splits(tmp_path / "splits.tsv") == splits


def test_cluster_splits_without_clusters_are_an_error():
    with pytest.raises(ValueError, match="needs the proteins' clusters"):
        made(clusters=None)
