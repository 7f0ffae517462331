"""What storage writes is the same to the byte as ever, so that its code need not count in any digest.

If a test fails here because other bytes are meant, count `STORAGE_FORMAT` in `alignscape.plan.digest` up, which makes every
result stale, and write the new checksums down. A newer NumPy or safetensors may write other bytes too: that is another
format just the same.
"""

import ast
import pkgutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from alignscape import storage
from alignscape.plan.digest import STORAGE_FORMAT
from alignscape.storage.embeddings import EmbeddingMeta, gather, read_shard, write_shard
from alignscape.storage.files import (
    digest_of,
    read_json,
    read_jsonl,
    read_npz,
    sha256_file,
    write_json,
    write_jsonl,
    write_npy,
    write_npz,
    write_tensors,
    write_text,
)
from alignscape.storage.ledger import Omission, read_ledger, write_ledger

TEXT = "Protein ÄΩ of 蛋白,\n\tits second line\r\n"
VALUE = {"z": [1, 2.5, -1e-30, None, True], "a": {"Ω": "é\n"}, "m": 12345678901234567890}
ROWS = [{"id": "1ABC", "text": TEXT}, {"b": 0.1, "a": []}]
ARRAYS = {
    "xyz": np.arange(-4, 8, dtype=np.float32).reshape(4, 3) / 8,
    "type": np.arange(4, dtype=np.uint8),
    "name": np.array(["N", "CA", "C", "O"]),
    "there": np.array([True, False, True, True]),
    "none": np.empty((0, 3), dtype=np.float64),
}
TENSORS = {
    "b": torch.arange(6, dtype=torch.float32).view(2, 3).T / 8,  # not contiguous
    "a.weight": torch.tensor([1.5, -2.0], dtype=torch.bfloat16, requires_grad=True),
    "step": torch.tensor(7),
}
OMISSIONS = [
    Omission("2ABC", "embed", "gvp", "3 residues  with\nN"),
    Omission("1ABC", "parse", "", "empty"),
    Omission("2ABC", "embed", "gat", "3 residues with N"),
]
META = EmbeddingMeta(
    ids=["1ABC", "2ABC", "3ABC", "4ABC"],
    encoder="gvp",
    weights_state="pretrained",
    weights_sha256="00ff",
    weights_source="https://example.org/é",
    dimension=3,
    dtype="float32",
    seed=42,
    omissions=OMISSIONS,
    versions={"numpy": "0", "alignscape": "1"},
    notes={"accuracy": 0.5},
)
WRITERS: dict[str, Callable[[Path], object]] = {
    "write_text": lambda path: write_text(path, TEXT),
    "write_json": lambda path: write_json(path, VALUE),
    "write_jsonl": lambda path: write_jsonl(path, ROWS),
    "write_npy": lambda path: write_npy(path, ARRAYS["xyz"]),
    "write_npz": lambda path: write_npz(path, ARRAYS),
    "write_tensors": lambda path: write_tensors(path, TENSORS, metadata={"key": "é"}),
    "write_shard": lambda path: write_shard(path, ARRAYS["xyz"], META),
    "write_ledger": lambda path: write_ledger(path, OMISSIONS),
}
GOLDEN = {
    2: {
        "write_text": {".npy": "daa16aa222d81853a37752ccbb60f3728f0ef142eada350e11a04b00f13f6c85"},
        "write_json": {".npy": "d20acb401f871c8711af6b9caee175d0d707c043e4fbb69b61a43918d9d90e18"},
        "write_jsonl": {".npy": "a13d036a9fc92d78404c617bc99b8dd8185509e33afe9e7f9634b1404067fe12"},
        "write_npy": {".npy": "96ad36f0a8136c9fe650787fb09cb26dffd76eca6b880f83452133959a51b712"},
        "write_npz": {".npy": "4247bf065377977db7ee7c8e16d7321b469b741c2c244ccf6b8db2da2079ae10"},
        "write_tensors": {".npy": "a55edf3f6e964b1db91d187917b275e1fd8a4ca69d7fd15b0eb7119be58e9a20"},
        "write_shard": {
            ".json": "b1f5dc5ad0a6a45dd90881996f37b9fda6e4cb5ced4674bd203c1e6e2b48d929",
            ".npy": "96ad36f0a8136c9fe650787fb09cb26dffd76eca6b880f83452133959a51b712",
        },
        "write_ledger": {".npy": "2ce1b5445978f4d2548c40f269506f6cd03e95dc286d9899f31f577bdc9806ec"},
    }
}
GOLDEN_DIGEST = "52d9acac53454f9616ecaefc4ce437976e59f9f86df50b86719c333b147f2ef1"


def written(writer: str, folder: Path) -> dict[str, str]:
    """SHA-256 of every file that a writer makes, by suffix."""
    WRITERS[writer](folder / "file.npy")
    return {path.suffix: sha256_file(path) for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("writer", WRITERS)
def test_the_same_values_are_the_same_bytes(writer, tmp_path):
    """Fixed values give files with the checksums of this format."""
    assert written(writer, tmp_path) == GOLDEN[STORAGE_FORMAT][writer]


def test_no_writer_of_storage_is_without_golden_bytes():
    """A new function that writes a kind of file has to be added here."""
    modules = [import_module(f"{storage.__name__}.{m.name}") for m in pkgutil.iter_modules(storage.__path__)]
    assert set().union(*map(writers_of, modules)) == set(WRITERS) == set(GOLDEN[STORAGE_FORMAT])


def writers_of(module: ModuleType) -> set[str]:
    """Names of the functions `write_...` that a module defines."""
    body = ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("write_")}


def test_what_was_written_is_read_back(tmp_path):
    """Readers give the very values: text, JSON, lines, arrays with their kinds, rows with their sidecar, the ledger."""
    for writer in WRITERS:
        (tmp_path / writer).mkdir()
        written(writer, tmp_path / writer)
    path = {writer: tmp_path / writer / "file.npy" for writer in WRITERS}
    assert path["write_text"].read_bytes() == TEXT.encode()
    assert read_json(path["write_json"]) == VALUE
    assert read_jsonl(path["write_jsonl"]) == ROWS
    assert np.array_equal(np.load(path["write_npy"]), ARRAYS["xyz"])
    arrays = read_npz(path["write_npz"])
    assert {n: (a.dtype, a.tolist()) for n, a in arrays.items()} == {
        n: (a.dtype, a.tolist()) for n, a in ARRAYS.items()
    }
    tensors = load_file(path["write_tensors"])
    assert set(tensors) == set(TENSORS)
    assert all(tensors[n].dtype == t.dtype and torch.equal(tensors[n], t) for n, t in TENSORS.items())
    rows, meta = read_shard(path["write_shard"])
    assert (rows.dtype, rows.tolist(), meta) == (np.float32, ARRAYS["xyz"].tolist(), META)
    assert [row["encoders"] for row in read_ledger(path["write_ledger"])] == ["", "gat,gvp"]


def test_rows_are_gathered_in_the_order_of_the_ids(tmp_path):
    """From two shards, with omissions of both."""
    other = EmbeddingMeta(**vars(META) | {"ids": ["5ABC"], "omissions": OMISSIONS[:1]})
    write_shard(tmp_path / "a.npy", ARRAYS["xyz"], META)
    write_shard(tmp_path / "b.npy", ARRAYS["xyz"][:1] + 1, other)
    gather([tmp_path / "b.npy", tmp_path / "a.npy"], tmp_path / "all.npy")
    rows, meta = read_shard(tmp_path / "all.npy")
    assert meta.ids == sorted([*META.ids, "5ABC"])
    assert rows.tolist() == [*ARRAYS["xyz"].tolist(), (ARRAYS["xyz"][0] + 1).tolist()]
    assert meta.omissions == OMISSIONS[:1] + OMISSIONS


def test_digests_of_values_are_as_ever():
    """Every path of the results is made of them."""
    assert digest_of(VALUE) == digest_of(dict(reversed(VALUE.items())))
    assert digest_of(VALUE, length=64) == GOLDEN_DIGEST
