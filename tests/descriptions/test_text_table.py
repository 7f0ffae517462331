"""Tables of texts are read as other programs write them, and what is none is one line."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alignscape.descriptions.text_table import read_text_table
from alignscape.errors import UserError

FRAME = pd.DataFrame(
    {"id": ["1CRN", "4HHB:A", "1CRN"], "x": [1, 2, 3], "text": ['Crambin, "small"', "α-globin\nof man", "<b>seed</b>"]}
)
ROWS = list(zip(FRAME["id"], FRAME["text"], strict=True))
WRITE: dict[str, Callable[[Path], object]] = {
    "tsv": lambda path: FRAME.to_csv(path, sep="\t", index=False),
    "csv": lambda path: FRAME.to_csv(path, index=False, encoding="utf-8-sig"),
    "jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "parquet": lambda path: FRAME.to_parquet(path),
}  # fmt: skip


@pytest.mark.parametrize("suffix", WRITE)
def test_each_format_gives_what_pandas_wrote(tmp_path: Path, suffix: str) -> None:
    """Quotes, line ends, commas and letters beyond ASCII included; columns are known by their names."""
    path = tmp_path / f"t.{suffix}"
    WRITE[suffix](path)
    assert read_text_table(path) == ROWS
    assert read_text_table(path, id_column="x") == [(str(n), text) for n, (_, text) in enumerate(ROWS, start=1)]


def test_rows_without_id_or_text_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("id\ttext\nA\tone\nB\t\n\tthree\nC\t  \nD\n")
    assert read_text_table(tmp_path / "t.tsv") == [("A", "one")]
    (tmp_path / "t.jsonl").write_text('{"id": "A", "text": "\\ud800x"}\n\n{"id": "B"}\n{"id": 7, "text": "n"}\n')
    assert read_text_table(tmp_path / "t.jsonl") == [("A", "?x"), ("7", "n")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.xlsx", "", "cannot be read as a table of texts; expected .tsv, .csv, .jsonl or .parquet"),
        ("t.tsv", "id,text\nA,one\n", "no column 'id'; its columns are 'id,text'"),
        ("t.csv", "id,description\nA,one\n", "no column 'text'; its columns are 'id', 'description'"),
        ("t.csv", "", "no column 'id'; its columns are none"),
        ("t.csv", "id,text\n", "no row has both a 'id' and a 'text'"),
        ("t.jsonl", '{"id": "A", "text": "x"}\n{"id": \n', "line 2 is no JSON"),
        ("t.jsonl", "[1]\n", "line 1 is list; expected an object with 'id' and 'text'"),
        ("t.parquet", "no parquet", "cannot be read as .parquet"),
    ],
)
def test_what_is_no_table_is_one_line(tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=said) as error:
        read_text_table(tmp_path / name)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(f"{tmp_path / name}: ")


def test_a_table_that_is_not_there_or_not_utf8_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        read_text_table(tmp_path / "t.csv")
    (tmp_path / "t.csv").write_bytes(b"id,text\nA,\xff\n")
    with pytest.raises(UserError, match=r"cannot be read as \.csv: .*utf-8"):
        read_text_table(tmp_path / "t.csv")


def test_a_text_that_a_billion_rows_have_is_refused_and_one_of_many_rows_held_once(tmp_path: Path) -> None:
    """Parquet says equal values once: 20 million rows in 2 kB are refused by the file's end."""
    path = tmp_path / "t.parquet"
    column = pa.array(["a text"]).dictionary_encode()
    many = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1_000_000, np.int8)), column.dictionary)
    pq.write_table(pa.table({"id": many, "text": many}), path)
    with pytest.raises(UserError, match=r"t\.parquet: \d+ bytes that unpack to 256000000; no table is"):
        read_text_table(path)
    few = many.slice(0, 1000)
    pq.write_table(pa.table({"id": few, "text": few}), path)
    found = read_text_table(path)
    assert len(found) == 1000
    assert len({id(row.text) for row in found}) == 1
