"""Which pair of a finished study is best, and what it finds; and the page in a browser."""

from pathlib import Path

import pytest

from alignscape.commands.measured_pairs import best_pair, row_of, what_it_finds
from alignscape.commands.show import open_page
from alignscape.errors import UserError
from alignscape.storage.files import write_json

COLUMNS = ("gdm", "llm", "gdm_role", "llm_role", "variant", "state", "split", "calibrated", "n", "recall_text_1", "recall_structure_1", "chance_recall_1")  # fmt: skip
ROWS = [
    ("a", "x", "main", "main", "layers1", "trained", "random", "0.10", "50", "0.34", "0.2", "0.02"),
    ("b", "x", "main", "main", "layers1", "trained", "random", "0.20", "50", "0.5", "0.25", "0.02"),
    ("b", "x", "main", "main", "layers2", "trained", "random", "0.90", "50", "0.5", "0.25", "0.02"),
    ("a", "x", "main", "main", "layers1", "trained", "cluster", "0.95", "50", "0.5", "0.25", "0.02"),
    ("c", "x", "baseline", "main", "layers1", "trained", "random", "0.99", "50", "", "", "0.02"),
    ("d", "x", "main", "main", "layers1", "untrained", "random", "0.99", "50", "0.5", "0.25", "0.02"),
    ("e", "x", "main", "main", "layers1", "trained", "random", "", "50", "0.5", "0.25", "0.02"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished study's."""
    lines = ["\t".join(row) for row in (COLUMNS, *ROWS)]
    (tmp_path / "pairs.tsv").write_text("\n".join(lines) + "\n")
    write_json(tmp_path / "summary.json", {"split": "random"})
    return tmp_path


def test_the_best_is_the_main_pair_of_the_highest_score_under_the_headline_split(folder: Path) -> None:
    assert best_pair(folder) == ("b", "x")


def test_what_a_pair_finds_depends_on_what_is_asked(folder: Path) -> None:
    row = row_of(folder, "a", "x", "layers1")
    assert row is not None
    said = "of 50 test proteins (relatives allowed) it found the right {} among 50 first for {} % (chance 2 %)"
    assert what_it_finds(row, text_asked=True) == said.format("structure by its text", 20)
    assert what_it_finds(row, text_asked=False) == said.format("text by its structure", 34)
    baseline = row_of(folder, "c", "x", "layers1")
    assert baseline is not None
    assert "not measured" in what_it_finds(baseline, text_asked=True)
    assert row_of(folder, "z", "x", "layers1") is None


def test_an_unfinished_study_has_no_best_pair(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no finished study here"):
        best_pair(tmp_path)
    assert row_of(tmp_path, "a", "x", "layers1") is None


def test_without_a_display_the_page_is_named_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    said = open_page(tmp_path / "report.html")
    assert str(tmp_path / "report.html") in said
    assert "\n" not in said
    seen: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", lambda address: bool(seen.append(address)) or True)
    open_page(tmp_path / "report.html")
    assert seen == [(tmp_path / "report.html").as_uri()]
