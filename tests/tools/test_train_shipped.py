"""What ships is chosen away from the demo's clusters, a few of each cluster, and written as it is read."""

from dataclasses import replace

import pytest

from alignscape.alignment import homology
from alignscape.descriptions.reference_texts import read_reference_texts
from alignscape.descriptions.template import describe
from alignscape.storage.files import read_json, write_json
from tests.alignment.test_clusters import mutated, stranger
from tests.alignment.test_study_split import protein
from tools import train_shipped


def test_entries_are_chosen_away_from_clusters_that_others_share(monkeypatch):
    """KIN is related to a protein of the others' through BETWEEN, so all three are of one cluster."""
    monkeypatch.setattr(homology, "find_mmseqs", lambda: None)
    taken = stranger(150, 1)
    between = mutated(taken, 0.4, 2)
    facts = [protein("BETWEEN", between), protein("KIN", mutated(between, 0.4, 3)), protein("FREE", stranger(150, 4))]
    clusters = train_shipped.clusters_away_from(facts, [protein("FREE2", taken)], threads=1)
    assert clusters.keys() == {"FREE"}


def test_a_few_of_each_cluster_are_the_first_ones():
    clusters = {"A": 0, "B": 0, "C": 0, "D": 1}
    assert train_shipped.few_of_each("ABCD", clusters, most=2) == ["A", "B", "D"]


def test_every_block_can_be_trained_and_an_unknown_one_is_said():
    names = ("gearnet", "scannet", "gat", "gvp", "gearnet-ec-64", "gearnet-ec-128", "gearnet-ec-256")
    assert [train_shipped.block_of(name).weights for name in names] == ["trained"] * len(names)
    with pytest.raises(SystemExit, match="no encoder 'none'"):
        train_shipped.block_of("none")


def test_reference_texts_are_read_as_they_were_written(tmp_path):
    proteins = [protein("1ABC", stranger(60, 1)), protein("2ABC", stranger(70, 2))]
    two = replace(proteins[1], entities=[*proteins[1].entities, replace(proteins[1].entities[0], sequence="MKVLAA")])
    path = tmp_path / "texts.tsv"
    train_shipped.write_reference_texts(path, [(None, proteins[0]), (None, two)])
    read = read_reference_texts(path)
    assert [(one.id, one.text) for one in read] == [(f.id, describe(f)) for f in (proteins[0], two)]
    assert read[1].sequences == tuple(sorted(["MKVLAA", stranger(70, 2)]))


def test_the_first_card_says_what_all_trainings_of_its_kind_measured(tmp_path):
    """Of `task-64` its three, not that of `task-64-64`; other keys stay, and noting twice changes nothing."""
    for number, stem in ((1, "task-64"), (3, "task-64-training3"), (2, "task-64-training2"), (1, "task-64-64")):
        card = {"training": number, "seed": 41 + number, "metrics": {"f1_max": number / 10}, "losses": [stem]}
        write_json(tmp_path / f"{stem}.json", card)
    train_shipped.note_trainings(tmp_path, "task-64")
    train_shipped.note_trainings(tmp_path, "task-64")
    card = read_json(tmp_path / "task-64.json")
    assert [(one["training"], one["seed"], one["metrics"]["f1_max"]) for one in card["trainings"]] == [
        (1, 42, 0.1),
        (2, 43, 0.2),
        (3, 44, 0.3),
    ]
    assert card["losses"] == ["task-64"]
    assert "trainings" not in read_json(tmp_path / "task-64-64.json")
