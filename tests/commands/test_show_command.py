"""`alignscape show` prints what the study says, letter by letter."""

from pathlib import Path

import pytest

from alignscape.commands.show import show_study
from alignscape.storage.files import write_json


def test_brackets_of_a_title_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What rich would take for markup stands there as it is written, also where it would be a mistake in markup."""
    said = {"title": "Kinases [draft] [/x]", "answer": "The best is [bold]", "split": "random", "n": 3, "omissions": 0}
    write_json(tmp_path / "summary.json", said)
    (tmp_path / "pairs.tsv").write_text("split\tstate\tcalibrated\n")
    show_study(tmp_path)
    printed = capsys.readouterr().out
    assert "Kinases [draft] [/x]" in printed
    assert "The best is [bold]" in printed
