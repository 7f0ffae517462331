"""Given rows go through the stage of structures as they are."""

from pathlib import Path

import numpy as np
import pytest

from alignscape.encoders.structure.precomputed.block import Precomputed
from alignscape.encoders.structure.rows import structure_rows
from alignscape.errors import UserError
from alignscape.storage.files import sha256_file
from tests.helpers.made_structures import made_structure

STRUCTURES = [made_structure(6, id=id_) for id_ in ("B", "A", "LOST", "NAN")]


def test_rows_are_those_of_the_file_and_the_others_are_in_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    mine = {"A": np.array([1.5, 2, 3]), "B": np.array([4, 5, 1 / 3]), "NAN": np.array([1, np.nan, 1]), "Z": np.ones(3)}
    np.savez(path, **mine)
    block = Precomputed(encoder="precomputed", name="mine", rows=path, residue_budget=5)
    rows, meta = structure_rows(block, STRUCTURES, seed=1, cache_dir=tmp_path, trained=None, device="cpu")
    assert meta.ids == ["B", "A"]
    np.testing.assert_array_equal(rows, np.stack([mine["B"], mine["A"]]).astype(np.float32))
    assert (meta.weights_state, meta.weights_sha256, meta.weights_source) == ("given", sha256_file(path), str(path))
    assert meta.dimension == 3
    assert [(o.id, o.stage, o.encoder, o.reason) for o in meta.omissions] == [
        ("LOST", "embed", "mine", f"{path} has no row of it"),
        ("NAN", "embed", "mine", f"its row in {path} is not finite"),
    ]


def test_a_shard_without_a_row_is_an_empty_table_of_the_same_width(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", Z=np.ones(3))
    block = Precomputed(encoder="precomputed", name="mine", rows=tmp_path / "mine.npz")
    rows, meta = structure_rows(block, STRUCTURES, seed=1, cache_dir=tmp_path, trained=None, device="cpu")
    assert (rows.shape, meta.ids, len(meta.omissions)) == ((0, 3), [], 4)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    block = Precomputed(encoder="precomputed", name="mine", rows=tmp_path / "mine.npz")
    with pytest.raises(UserError, match=r"mine.npz: there is no such file or folder of rows"):
        structure_rows(block, STRUCTURES, seed=1, cache_dir=tmp_path, trained=None, device="cpu")
