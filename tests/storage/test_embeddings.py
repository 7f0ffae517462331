"""Embedding shards: what belongs into one file of rows, and what does not."""

import os
import shutil
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from alignscape.errors import UserError
from alignscape.storage.embeddings import EmbeddingMeta, gather, mapped_rows, read_shard, write_shard


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
    gather([first, second], tmp_path / "all.npy")
    rows, meta = read_shard(tmp_path / "all.npy")
    assert (rows.ravel().tolist(), meta.ids, meta.dtype) == ([0.0, 1.0, 0.0, 1.0], ["a", "aa", "b", "bb"], "bfloat16")


def test_gathered_rows_are_the_bytes_of_one_shard_of_all(tmp_path: Path) -> None:
    """With one shard in memory at a time, not all of them and the whole beside."""
    ids = [f"{number:05d}" for number in np.random.default_rng(0).permutation(4000)]
    rows = np.random.default_rng(1).standard_normal((4000, 512), dtype=np.float32)
    meta = EmbeddingMeta(ids, "gat", "random", None, "seed 1", dimension=512, dtype="float32", seed=1)
    parts = [slice(start, start + 200) for start in range(0, 4000, 200)]
    paths = [tmp_path / f"{k}.npy" for k in range(20)]
    for path, part in zip(paths, parts, strict=True):
        write_shard(path, rows[part], replace(meta, ids=ids[part]))
    tracemalloc.start()
    gather(paths, tmp_path / "all.npy")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    order = np.argsort(ids)
    write_shard(tmp_path / "whole.npy", rows[order], replace(meta, ids=sorted(ids)))
    for suffix in (".npy", ".json"):
        assert (tmp_path / f"all{suffix}").read_bytes() == (tmp_path / f"whole{suffix}").read_bytes()
    mapped, own = mapped_rows(tmp_path / "all.npy")
    assert isinstance(mapped, np.memmap)
    assert own.ids == sorted(ids)
    assert np.array_equal(mapped, rows[order])
    assert peak < rows.nbytes / 2  # of which a shard is a twentieth; the rest are ids


GATHERED_ON_A_FULL_DISK = """
import sys
from pathlib import Path
import numpy as np
from alignscape.errors import UserError
from alignscape.storage.embeddings import EmbeddingMeta, gather, write_shard

folder, ids = Path(sys.argv[1]), [f"{number:03}" for number in range(100)]
meta = EmbeddingMeta(ids, "gat", "random", None, "seed 1", dimension=4000, dtype="float32", seed=1)
write_shard(folder / "a.npy", np.ones((100, 4000), np.float32), meta)
try:
    gather([folder / "a.npy"], folder / "all.npy")
except UserError as error:
    print(error)
print(sorted(path.name for path in folder.iterdir()))
"""


def test_rows_that_the_disk_has_no_room_for_are_one_line(tmp_path: Path) -> None:
    """Of a file system of 2 MiB with 1.6 MB of rows in it; writing to a mapped file there is a bus error."""
    apart = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--mount", "sh", "-c"]
    mounted = f"mount -t tmpfs -o size=2m tmpfs '{tmp_path}' && "
    if not shutil.which("unshare") or subprocess.run([*apart, f"{mounted} true"], capture_output=True).returncode:
        pytest.skip("this machine mounts nothing for us")
    command = [*apart, f'{mounted} exec "$@"', "sh", sys.executable, "-c", GATHERED_ON_A_FULL_DISK, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    line = f"{tmp_path}/all.npy: no space left on the device; free some and start again, nothing is lost"
    assert done.stdout.splitlines() == [line, "['a.json', 'a.npy']"]


def test_a_protein_with_rows_in_two_shards_is_refused(tmp_path: Path) -> None:
    first, second = (shard(tmp_path / f"{n}.npy", ["a", n], dtype="float32") for n in "xy")
    with pytest.raises(ValueError, match=r"all\.npy: 1 proteins have a row in more than one shard"):
        gather([first, second], tmp_path / "all.npy")
    assert not (tmp_path / "all.npy").exists()


def test_shards_of_two_number_types_are_refused(tmp_path: Path) -> None:
    """Half of an encoder's rows from one machine and half from another: an error that names both files and both types."""
    first = shard(tmp_path / "a.npy", ["a"], dtype="float32")
    second = shard(tmp_path / "b.npy", ["b"], dtype="bfloat16")
    with pytest.raises(UserError, match=r"b\.npy was computed in bfloat16, .*a\.npy in float32; .*delete the shards"):
        gather([first, second], tmp_path / "all.npy")


def test_an_encoder_that_took_no_protein_has_a_file_of_no_rows(tmp_path: Path) -> None:
    gather([shard(tmp_path / "a.npy", [], dtype="float32")], tmp_path / "all.npy")
    rows, meta = mapped_rows(tmp_path / "all.npy")
    assert (rows.shape, meta.ids) == ((0, 1), [])
