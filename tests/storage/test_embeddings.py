"""Embedding shards: what belongs into one file of rows, and what does not."""

from pathlib import Path

import numpy as np
import pytest

from alignscape.errors import UserError
from alignscape.storage.embeddings import EmbeddingMeta, gather, write_shard


def shard(path: Path, ids: list[str], *, dtype: str) -> Path:
    """A shard of one number per protein, as if the encoder had computed in `dtype`."""
    write_shard(
        path,
        np.arange(len(ids), dtype=np.float32)[:, None],
        EmbeddingMeta(ids, "gat", "random", None, "seed 1", dimension=1, dtype=dtype, seed=1),
    )
    return path


def test_shards_of_one_number_type_are_gathered(tmp_path: Path) -> None:
    first, second = (shard(tmp_path / f"{n}.npy", [n, n * 2], dtype="bfloat16") for n in "ab")
    rows, found, meta = gather([first, second], ["bb", "a", "absent"])
    assert (rows.ravel().tolist(), found, meta.dtype) == ([1.0, 0.0], ["bb", "a"], "bfloat16")


def test_shards_of_two_number_types_are_refused(tmp_path: Path) -> None:
    """Half of an encoder's rows from one machine and half from another: an error that names both files and both types."""
    first = shard(tmp_path / "a.npy", ["a"], dtype="float32")
    second = shard(tmp_path / "b.npy", ["b"], dtype="bfloat16")
    with pytest.raises(UserError, match=r"b\.npy was computed in bfloat16, .*a\.npy in float32; .*delete the shards"):
        gather([first, second], ["a", "b"])
