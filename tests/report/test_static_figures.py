"""Figures as files: always the same list, readable, reproducible."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from alignscape.questions.registry import caption, figures
from alignscape.report.static_figures import FIGURES, draw_figures
from tests.helpers.made_study import made_study, only


@pytest.mark.slow
def test_every_figure_is_drawn_with_names_that_try_to_break_it(tmp_path: Path) -> None:
    """SVG and PNG of each, well-formed, wide enough to read."""
    paths = draw_figures(made_study(60, nasty=True), tmp_path)
    assert sorted(p.name for p in paths) == sorted(f"{n}.{kind}" for n in FIGURES for kind in ("svg", "png"))
    for path in paths:
        if path.suffix == ".svg":
            assert ElementTree.parse(path).getroot().tag.endswith("svg")
            assert "proteinmpnn" in path.read_text() or path.stem in ("dimension", "leakage", "dataset")
        else:
            assert Image.open(path).width > 800


@pytest.mark.slow
def test_a_study_of_pairs_alone_gives_the_same_files(tmp_path: Path) -> None:
    """Where there is nothing to draw the figure says so; equal results give equal bytes."""
    results = only(made_study(30), "pairs")
    first, second = (draw_figures(results, tmp_path / name) for name in "ab")
    assert [p.name for p in first] == [f"{n}.{kind}" for n in FIGURES for kind in ("svg", "png")]
    assert "Not part of this run." in (tmp_path / "a" / "depth.svg").read_text()
    for a, b in zip(first, second, strict=True):
        assert a.read_bytes() == b.read_bytes()


def test_what_cannot_be_tested_says_why(tmp_path: Path) -> None:
    """In the figure itself."""
    results = only(made_study(30), "pairs")
    depth = {"question": "depth", "answer": "", "not_testable": "one depth only", "rows": []}
    draw_figures(replace(results, questions={**results.questions, "depth": depth}), tmp_path)
    assert "Not testable: one depth only" in (tmp_path / "depth.svg").read_text()


def test_every_figure_of_a_question_is_drawn_and_has_a_caption() -> None:
    """The workflow knows them by name without importing what draws them."""
    assert {name: question for name, (question, _) in FIGURES.items() if question} == figures()
    assert all(caption(name).read_text().strip() for name in figures())
