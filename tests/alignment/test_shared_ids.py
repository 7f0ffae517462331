"""Who is in a pair and in a table: told by the lists alone, and never anyone that the study's list does not have."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from alignscape.alignment.result import PairResult, SplitScores
from alignscape.alignment.shared_ids import compared_ids, pair_rows, shared_ids
from alignscape.alignment.split import Split
from alignscape.config.study import Variant
from alignscape.storage.embeddings import EmbeddingMeta, write_shard

SPLITS = {"random": Split("random", tuple("ABCDEF"), ("train", "train", "validation", "test", "test", "test"))}


def shard(path: Path, ids: list[str], dimension: int) -> Path:
    """Rows of an encoder that can be told apart: the protein's letter as a number, and its column."""
    rows = np.array([[ord(i) + column / 100 for column in range(dimension)] for i in ids], np.float32)
    write_shard(path, rows, EmbeddingMeta(ids, path.stem, "given", None, "here", dimension, "float32", 1))
    return path


def result(ids: str, tested: str) -> PairResult:
    """A pair on `ids` in which the proteins `tested` have every score of two seeds and three draws."""
    known = np.array([i in tested for i in ids])
    names = [f.name for f in fields(SplitScores) if f.name not in ("pool", "summary")]
    of = {name: 3 if name.startswith("untrained") else 2 for name in names}
    arrays = {k: np.where(known, 0.5, np.nan) * np.ones((rows, 1)) for k, rows in of.items()}
    scores = SplitScores(**{k: v.astype(np.float32) for k, v in arrays.items()}, pool=known.astype(np.int32))
    return PairResult("g", "m", "layers1", Variant(), list(ids), {"random": scores})


def test_shared_ids_are_those_of_every_list():
    assert shared_ids([["C", "A", "B"], ("B", "C", "Z"), iter("CB")]) == ["B", "C"]
    assert shared_ids([["B", "A"]]) == ["A", "B"]
    assert shared_ids([["A"], []]) == []
    assert shared_ids([]) == []


def test_a_pair_has_the_listed_proteins_that_both_encoders_took(tmp_path):
    """In the order of their ids, however the files are ordered; each row stays its protein's."""
    structure = shard(tmp_path / "g.npy", ["F", "A", "C", "Z", "B"], 3)
    text = shard(tmp_path / "m.npy", ["B", "C", "D", "Z", "F"], 2)
    rows = pair_rows(structure, text, SPLITS)
    assert rows.ids == ["B", "C", "F"]
    letters = np.array([ord(i) for i in rows.ids])[:, None]
    assert np.allclose(rows.structure, letters + np.arange(3) / 100)
    assert np.allclose(rows.text, letters + np.arange(2) / 100)


def test_a_pair_of_nobody_has_no_rows(tmp_path):
    rows = pair_rows(shard(tmp_path / "g.npy", ["A"], 3), shard(tmp_path / "m.npy", ["B"], 2), SPLITS)
    assert (rows.ids, rows.structure.shape, rows.text.shape) == ([], (0, 3), (0, 2))


def test_a_table_has_the_proteins_that_every_pair_tested():
    results = [result("ABCDEF", "BCDF"), result("ABDF", "ABDF"), result("BCDF", "BCD")]
    assert compared_ids(results, "random") == ["B", "D"]
    assert compared_ids([], "random") == []


@pytest.mark.parametrize("array", ["score", "negative", "untrained_score", "untrained_negative"])
def test_a_protein_that_lacks_one_score_of_one_seed_is_not_tested(array):
    one = result("ABC", "ABC")
    getattr(one.splits["random"], array)[1, 0] = np.nan
    assert compared_ids([one], "random") == ["B", "C"]
