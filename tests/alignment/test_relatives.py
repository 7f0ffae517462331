"""Relatives of what shipped weights have seen: found as a study's own, never tested where clusters are kept whole."""

import numpy as np
import pytest

from alignscape.alignment import homology
from alignscape.alignment.homology import find_hits, find_homologs
from alignscape.alignment.relatives import Relative, find_relatives, load_relatives, save_relatives
from alignscape.alignment.split import load_splits
from alignscape.alignment.study_clusters import cluster_study
from alignscape.alignment.study_split import split_study
from tests.alignment.test_clusters import mutated, stranger
from tests.alignment.test_study_split import CONFIG, N, protein, strangers

LIMITS = {"identity": 0.3, "coverage": 0.5}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """MMseqs2 takes seconds to start; tests/encoders/structure/test_shipped.py uses it."""
    monkeypatch.setattr(homology, "find_mmseqs", lambda: None)


def test_hits_between_two_sets_are_those_of_a_search_of_all_against_all():
    one = {f"A{i}": [stranger(100, i), stranger(80, 100 + i)] for i in range(5)}
    other = {f"B{i}": [mutated(stranger(100, i), 0.1 * (i + 1), i)] for i in range(5)}
    found = {(q, t, round(i, 6), round(c, 6)) for q, t, i, c in find_hits(one, other)}
    together = find_homologs(one | other)
    rows = np.array(together.ids)
    holders = {s: rows[together.member_protein[together.member_sequence == s]][0] for s in range(together.n_sequences)}
    hits = zip(together.query, together.target, together.identity, together.coverage, strict=True)
    expected = {(holders[q], holders[t], round(float(i), 6), round(float(c), 6)) for q, t, i, c in hits}
    assert found == {hit for hit in expected if hit[0][0] == "A" and hit[1][0] == "B"}
    assert len(found) >= 4
    assert find_hits(one, {}) == find_hits({}, other) == []


def test_of_several_the_nearest_is_named_and_the_own_entry_before_all():
    sequence = stranger(120, 1)
    seen = {"FAR": [mutated(sequence, 0.5, 1)], "NEAR": [mutated(sequence, 0.1, 2)], "OTHER": [stranger(120, 9)]}
    found = find_relatives({"P": [sequence], "Q": [stranger(120, 2)]}, seen, **LIMITS)
    assert found.keys() == {"P"}
    assert found["P"].seen == "NEAR"
    assert found["P"].identity == pytest.approx(0.9, abs=0.05)
    own = find_relatives({"P:A": [sequence]}, seen | {"P": ["GG"]}, **LIMITS)
    assert own == {"P:A": Relative("P", 1.0)}
    assert own["P:A"].is_of("P:A")


def test_the_file_gives_back_what_was_saved(tmp_path):
    relatives = {"1ABC:A": Relative("2XYZ", 0.5), "=1+1": Relative("1ABC", 1.0)}
    save_relatives(tmp_path / "relatives.tsv", relatives)
    assert load_relatives(tmp_path / "relatives.tsv") == relatives


def test_relatives_and_their_clusters_are_trained_on_where_clusters_are_whole_and_marked_where_they_are_not(tmp_path):
    """P005's relative was seen, and P005 has a kin P040 that has none; P006 is itself an entry that was seen."""
    sequences = strangers(N)
    proteins = [protein(f"P{i:03d}", s) for i, s in enumerate(sequences)]
    proteins.append(protein("P040", mutated(sequences[5], 0.4, 3)))
    seen = {"SEEN": [mutated(sequences[5], 0.3, 77)], "P006": [stranger(90, 555)]}
    cluster_study(proteins, config=CONFIG, threads=1, folder=tmp_path / "clusters", seen=seen)
    split_study(
        proteins,
        clustered=tmp_path / "clusters",
        requirements={},
        named=[],
        fraction=0,
        config=CONFIG,
        seed=1,
        folder=tmp_path / "split",
    )
    splits = load_splits(tmp_path / "split" / "splits.tsv")
    tested = {name: {split.ids[row] for row in split.tested} for name, split in splits.items()}
    assert tested["kfold_cluster"] == {p.id for p in proteins} - {"P005", "P006", "P040"}
    assert tested["kfold"] == {p.id for p in proteins} - {"P006"}
    assert not tested["cluster"] & {"P005", "P006", "P040"}
    marked = load_relatives(tmp_path / "split" / "relatives.tsv")
    assert {"P005", "P006"} <= marked.keys() <= {"P005", "P006", "P040"}
    assert marked["P005"].seen == "SEEN"
