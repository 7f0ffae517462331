"""Text from outside can neither break a line or a table nor act in a spreadsheet, and comes back as it was."""

import csv
from pathlib import Path

import pytest

from alignscape.alignment.split import Split, load_splits, save_splits
from alignscape.questions.evidence.tables import to_tsv
from alignscape.report.results import read_tsv
from alignscape.storage.ledger import Omission, read_ledger, write_ledger
from alignscape.storage.plain_text import escaped, from_cell, plain_line, to_cell

FORMULAS = [
    "=CMD|' CALC'!A0",
    "+1+1",
    "@SUM(1)",
    "-2+3",
    "'=1",
    "''+x",
    "=",
    "-",
    "+-1",
    '"=1+1"',
    '"a',
    "'\"b",
    "＝1+1",
]
HARMLESS = ["1ABC", "-0.5", "+3", "1e-4", "-1.5E+3", "5'-D(*GP*AP*TP*)-3'", "'quoted'", "a=b", ""]


# What these say is in every digest through the facts, though their code is not: other expectations mean other results.
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one\ttwo\nthree\r\n four ", "one two three four"),
        ("a\u2028b\u2029c\u0085d\x0be", "a b c d e"),
        ("nul\x00escape\x1b[31mred", "nul escape [31mred"),
        ("right\u202eto\u2066left\u200b\ufeff", "righttoleft"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("β-lactamase, 2.1 Å, 蛋白 no\u00a0break", "β-lactamase, 2.1 Å, 蛋白 no break"),
    ],
)
def test_a_line_is_a_line(text: str, line: str) -> None:
    """Blanks are folded, control characters and marks of direction gone, letters of any script kept."""
    assert plain_line(text) == line
    assert plain_line(line) == line
    assert line.encode()


def test_a_long_text_is_cut_to_the_character() -> None:
    """At most so many characters, the last of which says that there were more."""
    assert plain_line("abcdef", most=6) == "abcdef"
    assert plain_line("abcdefg", most=6) == "abcde…"


def test_no_cell_is_a_formula_and_every_cell_comes_back() -> None:
    """What a spreadsheet would compute stands behind an apostrophe; numbers and all else as they are."""
    for text in FORMULAS:
        assert to_cell(text) == f"'{text}"
    assert [to_cell(text) for text in HARMLESS] == HARMLESS
    assert [from_cell(to_cell(text)) for text in FORMULAS + HARMLESS] == FORMULAS + HARMLESS


def test_the_ledger_survives_any_id(tmp_path: Path) -> None:
    """Ids and encoders with tabs, line breaks of all kinds and formulas give one well-formed line each."""
    ids = ["A\tB", "C\u2028D", "E\u0085F", "=CMD|' CALC'!A0", "G\x1bH", "\ud800"]
    write_ledger(tmp_path / "ledger.tsv", [Omission(id_, "parse", "g\tv", "+why\x0c not") for id_ in ids])
    rows = read_ledger(tmp_path / "ledger.tsv")
    assert sorted(row["id"] for row in rows) == sorted(["A B", "C D", "E F", "=CMD|' CALC'!A0", "G H", "\ufffd"])
    assert {(row["encoders"], row["reason"]) for row in rows} == {("g v", "+why not")}
    assert read_tsv(tmp_path / "ledger.tsv") == rows
    with open(tmp_path / "ledger.tsv", newline="", encoding="utf-8") as handle:
        cells = [cell for row in csv.reader(handle, delimiter="\t", quoting=csv.QUOTE_NONE) for cell in row]
    assert len(cells) == 4 * 7
    assert not any(cell.startswith(("=", "+", "@", "-")) for cell in cells)


def test_splits_and_tables_hold_no_formula_either(tmp_path: Path) -> None:
    """Ids come back from the split file as they were; of a question's table only the texts are touched, not the numbers."""
    ids = ("+1+1", "1ABC", "=A1")
    save_splits(tmp_path / "splits.tsv", {"random": Split("random", ids, ("train", "test", "validation"))})
    assert load_splits(tmp_path / "splits.tsv")["random"].ids == ids
    assert "\n=A1" not in (tmp_path / "splits.tsv").read_text()
    table = to_tsv([{"id": "@SUM(1)", "score": -0.25, "name": "a\nb\u202e"}], ["id", "score", "name"])
    assert table == "id\tscore\tname\n'@SUM(1)\t-0.25\ta b\n"


def test_a_file_name_of_any_bytes_can_be_written() -> None:
    """Bytes that are not UTF-8 and control characters are shown by their number."""
    assert escaped(b"lat\xe9.pdb".decode("utf-8", "surrogateescape")) == r"lat\xe9.pdb"
    assert escaped("a\nb\u202e") == r"a\u000ab\u202e"
