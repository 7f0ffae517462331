"""Reference texts: a table is read whole or refused by a line, and stands in for the study's own texts."""

import json

import pytest

from alignscape.descriptions.reference_texts import ReferenceText, read_reference_texts, texts_to_learn
from alignscape.errors import UserError

GOOD = "id\ttext\tsequences\n2XYZ\tSecond.\tMKV AAA\n1ABC\tFirst.\t\n"


def test_rows_are_read_by_id_with_their_sequences(tmp_path):
    (tmp_path / "t.tsv").write_text(GOOD)
    expected = [ReferenceText("1ABC", "First.", ()), ReferenceText("2XYZ", "Second.", ("MKV", "AAA"))]
    assert read_reference_texts(tmp_path / "t.tsv") == expected


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name\ttext\n", "no column `id`"),
        ("id\tsequences\n1ABC\tMKV\n", "no column `text`"),
        ("id\ttext\n1ABC\t\n", "line 2 lacks its text"),
        ("id\ttext\n1ABC\tA.\n1ABC\tB.\n", "line 3 has 1ABC again"),
    ],
)
def test_what_does_not_fit_is_said_with_its_line(tmp_path, content, said):
    (tmp_path / "t.tsv").write_text(content)
    with pytest.raises(UserError, match=f"text.reference_texts: .*t.tsv: {said}"):
        read_reference_texts(tmp_path / "t.tsv")


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UserError, match="cannot be read: No such file"):
        read_reference_texts(tmp_path / "none.tsv")


def test_they_stand_in_for_the_texts_of_the_study(tmp_path):
    (tmp_path / "t.tsv").write_text(GOOD)
    (tmp_path / "own.jsonl").write_text("".join(json.dumps({"id": i, "text": f"{i}."}) + "\n" for i in "AB"))
    assert texts_to_learn([tmp_path / "own.jsonl"], reference=False, chosen="B".__contains__) == [("B", "B.")]
    foreign = texts_to_learn([tmp_path / "t.tsv"], reference=True, chosen="B".__contains__)
    assert foreign == [("1ABC", "First."), ("2XYZ", "Second.")]
