"""Tables of rows are read as other programs write them, and what is none is one line."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import save_file

from alignscape.encoders.row_file import files_of, read_rows, sha256_of
from alignscape.errors import UserError
from alignscape.storage.files import sha256_file

IDS = ["1CRN", "4HHB:A", "P69905"]
ROWS = np.random.default_rng(1).normal(size=(3, 5)).astype(np.float32)


def npy(folder: Path) -> Path:
    np.save(folder / "t.npy", ROWS)
    (folder / "t.txt").write_text("".join(f"{id_}\n" for id_ in IDS))
    return folder / "t.npy"


def npz(folder: Path) -> Path:
    np.savez(folder / "t.npz", ids=np.array(IDS), rows=ROWS, note=np.array("made by me"))
    return folder / "t.npz"


def npz_by_id(folder: Path) -> Path:
    np.savez(folder / "t.npz", **dict(zip(IDS, ROWS, strict=True)))
    return folder / "t.npz"


def parquet_of_lists(folder: Path) -> Path:
    pd.DataFrame({"id": IDS, "embedding": list(ROWS), "source": "me"}).to_parquet(folder / "t.parquet")
    return folder / "t.parquet"


def parquet_of_columns(folder: Path) -> Path:
    pd.DataFrame(ROWS, index=IDS, columns=[f"x{n}" for n in range(5)]).to_parquet(folder / "t.parquet")
    return folder / "t.parquet"


def parquet_in_pieces(folder: Path) -> Path:
    """Large text, lists of a fixed length, several groups of rows, and a column of another's, as programs but pandas write."""
    lists = pa.FixedSizeListArray.from_arrays(pa.array(ROWS.ravel()), 5)
    note = pa.array([{"a": 1}] * 3)
    table = pa.table({"id": pa.array(IDS, pa.large_string()), "rows": lists, "note": note})
    pq.write_table(table, folder / "t.parquet", row_group_size=2)
    return folder / "t.parquet"


def safetensors_by_id(folder: Path) -> Path:
    save_file({id_: row.copy() for id_, row in zip(IDS, ROWS, strict=True)}, folder / "t.safetensors")
    return folder / "t.safetensors"


def safetensors(folder: Path) -> Path:
    save_file({"rows": ROWS}, folder / "t.safetensors", metadata={"ids": '["1CRN", "4HHB:A", "P69905"]'})
    return folder / "t.safetensors"


def one_file_each(folder: Path) -> Path:
    (folder / "t").mkdir()
    np.save(folder / "t/1CRN.npy", ROWS[0])
    np.savez(folder / "t/4HHB:A.npz", row=ROWS[1][None])
    save_file({"x": ROWS[2].copy()}, folder / "t/P69905.safetensors")
    (folder / "t/README").write_text("not a row")
    return folder / "t"


WRITERS = (
    npy, npz, npz_by_id, parquet_of_lists, parquet_of_columns, parquet_in_pieces, safetensors, safetensors_by_id, one_file_each
)  # fmt: skip


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_each_format_gives_the_rows_that_were_written(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    table = read_rows(write(tmp_path))
    assert sorted(table.ids) == sorted(IDS)
    assert table.dimension == 5
    for id_, row in zip(IDS, ROWS, strict=True):
        assert table.why_not(id_) is None
        np.testing.assert_array_equal(table.row(id_), row)
    assert table.why_not("2XYZ") == f"{table.path} has no row of it"


def test_a_row_that_is_not_finite_costs_its_protein_only(tmp_path: Path) -> None:
    """Also one that float32 cannot hold."""
    np.savez(tmp_path / "t.npz", A=[1.0, np.nan], B=[1.0, 1e300], C=[1.0, 2.0])
    table = read_rows(tmp_path / "t.npz")
    assert [id_ for id_ in "ABC" if table.why_not(id_)] == ["A", "B"]
    assert "is not finite" in str(table.why_not("A"))


def test_a_bad_file_of_a_folder_costs_its_protein_only(tmp_path: Path) -> None:
    folder = one_file_each(tmp_path)
    np.save(folder / "short.npy", ROWS[0][:4])
    np.save(folder / "residues.npy", ROWS)
    np.save(folder / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    (folder / "cut.npy").write_bytes((folder / "1CRN.npy").read_bytes()[:-3])
    table = read_rows(folder)
    assert sorted(table.ids) == sorted(IDS)
    assert table.why_not("short") == f"its row in {folder} has 4 numbers, most have 5"
    assert "of a row per residue, take the mean first" in str(table.why_not("residues"))
    assert "pickled objects, which are never read" in str(table.why_not("objects"))
    assert "cut.npy: cannot be read" in str(table.why_not("cut"))


def bad_npz(**arrays: object) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        np.savez(folder / "t.npz", **arrays)
        return folder / "t.npz"

    return write


def parquet(**columns: object) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        pq.write_table(pa.table(columns), folder / "t.parquet")
        return folder / "t.parquet"

    return write


def without_ids(folder: Path) -> Path:
    np.save(folder / "t.npy", ROWS)
    return folder / "t.npy"


def pickled(folder: Path) -> Path:
    np.savez(folder / "t.npz", ids=np.array(IDS, dtype=object), rows=ROWS)
    return folder / "t.npz"


def a_pt_file(folder: Path) -> Path:
    (folder / "t.pt").write_bytes(b"\x80\x04.")
    return folder / "t.pt"


def an_empty_folder(folder: Path) -> Path:
    (folder / "t").mkdir()
    return folder / "t"


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda folder: folder / "absent.npz", "there is no such file or folder of rows"),
        (without_ids, "t.txt: the ids of .*t.npy cannot be read: No such file"),
        (pickled, "holds pickled objects, which are never read"),
        (a_pt_file, "cannot be read as rows; expected .npy, .npz, .parquet or .safetensors"),
        (an_empty_folder, "no file in it is a row"),
        (bad_npz(ids=np.array([*IDS[:2], "1CRN"]), rows=ROWS), "the id '1CRN' stands there more than once"),
        (bad_npz(ids=np.array(IDS[:2]), rows=ROWS), "3 rows and 2 ids"),
        (bad_npz(ids=np.array(IDS), rows=ROWS[None]), r"of shape \(1, 3, 5\); expected \(proteins, numbers\)"),
        (bad_npz(ids=np.array([1, 2, 3]), rows=ROWS), "`ids` is int64 of shape"),
        (bad_npz(ids=np.array(IDS), rows=np.array([IDS])), "the rows are <U6; expected real numbers"),
        (parquet(id=IDS, rows=[[1.0], [1.0, 2.0], None]), "some lists are of 1 numbers, others of 2"),
        (parquet(id=IDS, rows=[[[1.0]], [[1.0]], [[2.0]]]), "the column 'rows' is list<.*expected real numbers"),
        (parquet(id=IDS, when=[pd.Timestamp(0)] * 3), "the column 'when' is timestamp"),
        (parquet(id=["1CRN", "4HHB", "A" * 300], x=[1, 2, 3]), "an id is of 300 bytes; expected at most 256"),
        (parquet(a=[[1.0]], b=[[1.0]], id=["1CRN"]), "several columns could be the rows"),
        (parquet(x=[1.0]), "no column `id` of text; it has 'x'"),
        (bad_npz(A=ROWS[0], B=ROWS[0][:2]), r"'B' is of shape \(2,\), 'A' of \(5,\)"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_one_line(tmp_path: Path, write: Callable[[Path], Path], said: str) -> None:
    with pytest.raises(UserError, match=said) as error:
        read_rows(write(tmp_path))
    assert "\n" not in str(error.value)


def test_the_checksum_is_of_the_content(tmp_path: Path) -> None:
    """Of one file its own; of rows and ids together, either of them changes it."""
    assert sha256_of(npz(tmp_path)) == sha256_file(tmp_path / "t.npz")
    before = sha256_of(npy(tmp_path))
    (tmp_path / "t.txt").write_text("\n".join(reversed(IDS)))
    assert sha256_of(tmp_path / "t.npy") != before
    assert [path.name for path in files_of(one_file_each(tmp_path))] == ["1CRN.npy", "4HHB:A.npz", "P69905.safetensors"]


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """80 MB of zeros in 80 kB are refused by the archive's list of members; as many numbers that are none, as a file or in a folder, too."""
    monkeypatch.setattr("alignscape.storage.files.read_npz", lambda path: pytest.fail("it was unpacked"))
    np.savez_compressed(tmp_path / "bomb.npz", ids=np.array(["1CRN"]), rows=np.zeros((1, 10_000_000)))
    with pytest.raises(UserError, match=r"bomb\.npz: \d+ bytes that unpack to 8\d{7}"):
        read_rows(tmp_path / "bomb.npz")
    with pytest.raises(UserError, match=r"no file in it is a row; .* that unpack to"):
        read_rows(tmp_path)


def columns_said_once(folder: Path) -> None:
    """A million times the same ten numbers: a few bytes for each group of rows, by dictionary and run length."""
    column = pa.array(np.zeros(1_000_000, dtype=np.float32))
    ids = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1_000_000, dtype=np.int32)), pa.array(["1CRN"])).cast(
        "string"
    )
    pq.write_table(pa.table({"id": ids, **{f"x{n}": column for n in range(10)}}), folder / "bomb.parquet")


def lists_said_once(folder: Path) -> None:
    lists = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(10_000_000, dtype=np.float32)), 100_000).cast(
        pa.list_(pa.float32())
    )
    pq.write_table(pa.table({"id": [f"P{n}" for n in range(100)], "rows": lists}), folder / "bomb.parquet")


def a_file_with_a_hole(folder: Path) -> None:
    """A gigabyte of zeros that was never written."""
    header = b'{"1CRN":{"dtype":"F32","shape":[268435456],"data_offsets":[0,1073741824]}}'
    with open(folder / "bomb.safetensors", "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + 2**30)


@pytest.mark.parametrize("write", [columns_said_once, lists_said_once, a_file_with_a_hole], ids=lambda w: w.__name__)
def test_a_bomb_of_another_format_is_refused_by_what_its_head_or_end_says(
    tmp_path: Path, write: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a file and in a folder; no column and no tensor of it is read."""
    write(tmp_path)
    (bomb,) = tmp_path.iterdir()
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", lambda *_, **__: pytest.fail("it was unpacked"))
    monkeypatch.setattr("safetensors.safe_open", lambda *_, **__: pytest.fail("it was unpacked"))
    with pytest.raises(UserError, match=r"bomb\.\w+: \d+ bytes that unpack to \d{8,10}; no table is"):
        read_rows(bomb)
    if bomb.suffix == ".safetensors":
        with pytest.raises(UserError, match=r"no file in it is a row; .* that unpack to"):
            read_rows(tmp_path)


def test_what_is_missing_in_a_table_costs_its_protein_only(tmp_path: Path) -> None:
    table = read_rows(parquet(id=IDS, rows=[[1.0, None], [1.0, 2.0], [3.0, 4.0]])(tmp_path))
    assert [id_ for id_ in IDS if table.why_not(id_)] == ["1CRN"]
