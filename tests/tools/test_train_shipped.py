"""What ships is chosen away from the demo's clusters, a few of each cluster, and written as it is read."""

from dataclasses import replace

import pytest

from alignscape.alignment import homology
from alignscape.descriptions.reference_texts import read_reference_texts
from alignscape.descriptions.template import describe
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
