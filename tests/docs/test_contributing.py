"""CONTRIBUTING names files, commands and names that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROOMS = (
    "",
    "src/alignscape",
    "src/alignscape/encoders/structure",
    "src/alignscape/proteins",
    "src/alignscape/report/figures",
)


def test_every_file_and_folder_that_it_names_is_there() -> None:
    named = {name for name in re.findall(r"`([\w./-]+)`", TEXT) if "/" in name or re.search(r"\.(md|py|yaml)$", name)}
    # of a folder that one makes
    example = {
        "analysis.py",
        "section.py",
        "figures.py",
        "block.py",
        "archive.py",
        "official.py",
        "model.py",
        "__init__.py",
    }
    missing = {name for name in named - example if not any((ROOT / room / name).exists() for room in ROOMS)}
    assert len(named) > 30
    assert missing == set()


def test_every_test_that_it_runs_is_there() -> None:
    called = re.findall(r"pytest (\S+\.py)(?: -k (\w+))?", TEXT)
    assert called
    for path, word in called:
        assert f"{word}" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("StructureEncoderBlock", "config/encoders.py"),
        ("LanguageModelBlock", "config/encoders.py"),
        ("Figure", "report/figures/figure.py"),
        ("SourceBlock", "config/proteins.py"),
        ("incomplete", "config/proteins.py"),
        ("identity", "config/proteins.py"),
        ("STORAGE_FORMAT", "plan/digest.py"),
        ("read_official", "encoders/structure/interface.py"),
        ("has_ca", "proteins/structure.py"),
        ("ProteinRejected", "errors.py"),
        ("not_testable", "questions/evidence/tables.py"),
        ("result", "questions/evidence/tables.py"),
        ("matched", "questions/evidence/score_table.py"),
        ("answered", "report/section.py"),
    ],
)
def test_a_name_that_it_says_to_look_for_is_where_it_says(name: str, module: str) -> None:
    assert f"`{name}`" in TEXT
    assert re.search(rf"\b{name}\b", (ROOT / "src/alignscape" / module).read_text(encoding="utf-8"))
