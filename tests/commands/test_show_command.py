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


COLUMNS = (
    "label", "gdm", "llm", "gdm_role", "llm_role", "variant", "state", "split", "calibrated", "calibrated_low",
    "calibrated_high", "recall_text_1", "chance_recall_1", "gdm_weights",
)  # fmt: skip


def line(gdm: str, role: str, split: str, score: str, *, state: str = "trained") -> str:
    """One of pairs.tsv."""
    low = f"{float(score) - 0.05:.3f}"
    cells = f"{gdm} × m", gdm, "m", role, "main", "layers1", state, split, score, low, "0.4", "0.34", "0.083", "shipped"
    return "\t".join(cells)


def test_each_pair_has_what_the_page_says_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Baselines on top, the best of each first, in the words and signs of the page; then what to do next."""
    said = {"title": "T", "answer": "A.", "split": "kfold", "held_out": "kfold_cluster", "n": 60, "omissions": 1}
    step = {"what": "Search the proteins by a text", "write": "alignscape search a m --text [x]"}
    write_json(tmp_path / "summary.json", said | {"next": [step]})
    rows = [
        line("a", "main", "kfold", "0.020"), line("b", "main", "kfold", "0.300"), line("c", "baseline", "kfold", "0.100"),
        line("d", "ladder", "kfold", "0.900"), line("b", "main", "kfold", "0.800", state="untrained"),
        line("a", "main", "kfold_cluster", "-0.068"),
    ]  # fmt: skip
    (tmp_path / "pairs.tsv").write_text("\n".join(["\t".join(COLUMNS), *rows]) + "\n")
    show_study(tmp_path)
    printed = capsys.readouterr().out
    table = [row.split() for row in printed.splitlines() if " × m " in row]
    assert [row[0] for row in table] == ["c", "b", "a"]
    assert table[2][3:7] == ["0.020", "[−0.030,", "0.400]", "−0.068"]
    assert "34\u202f% (8\u202f%)" in printed
    assert "relatives allowed, k-fold" in printed.replace("\n", " ")
    assert "- Search the proteins by a text: alignscape search a m --text [x]\n" in printed
    assert f"1 line in {tmp_path / 'ledger.tsv'} says what was left out" in printed
