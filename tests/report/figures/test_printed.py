"""Figures as files: always the same list, readable, reproducible, fit for a journal."""

import re
from dataclasses import replace
from itertools import chain, combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib.text import Text
from PIL import Image

from alignscape.errors import UserError
from alignscape.questions.registry import describe, figures
from alignscape.report.figures.axis import Axis
from alignscape.report.figures.figure import Figure, Key, Matrix, Name, Plane, Row, Rows
from alignscape.report.figures.marks import Cell, Estimate, Point
from alignscape.report.figures.printed import matrix
from alignscape.report.figures.printed.draw import draw, draw_figures
from alignscape.report.figures.printed.style import DPI, INCH, KINDS, POINTS, style
from alignscape.report.numbers import share
from alignscape.report.results import StudyResults
from tests.helpers.made_study import made_config, made_study, only

NASTY = "β <b>\x00\u2028 $x^2$ × {{ 7 }} \\alpha"
RANKING = Figure(
    "ranking",
    NASTY,
    [Rows([Row(Name(NASTY, strong=True), [Estimate(0.4, 0.3, 0.5, tip=NASTY)], NASTY)], Axis("score", reference=0.0))],
    [Key(NASTY)],
    subtitle="60 test proteins, 3 seeds",
    caption=NASTY,
)


def described(results: StudyResults) -> list[Figure]:
    return list(chain(*describe(results).values()))


@pytest.mark.slow
def test_every_figure_is_drawn_with_names_that_try_to_break_it(tmp_path: Path) -> None:
    """SVG, PNG and PDF of each, well-formed, wide enough to read."""
    paths = draw_figures(described(made_study(60, nasty=True)), tmp_path)
    assert sorted(p.name for p in paths) == sorted(f"{n}.{kind}" for n in figures() for kind in KINDS)
    for path in paths:
        if path.suffix == ".svg":
            assert ElementTree.parse(path).getroot().tag.endswith("svg")
            assert "proteinmpnn" in path.read_text() or path.stem in ("dimension", "leakage", "dataset")
        elif path.suffix == ".png":
            assert Image.open(path).width > 800


@pytest.mark.slow
def test_a_study_of_pairs_alone_gives_the_same_files(tmp_path: Path) -> None:
    """Where there is nothing to draw the figure says so; equal results give equal bytes."""
    results = only(made_study(30), "pairs")
    first, second = (draw_figures(described(results), tmp_path / name) for name in "ab")
    assert sorted(p.name for p in first) == sorted(f"{n}.{kind}" for n in figures() for kind in KINDS)
    assert "Not part of this run." in (tmp_path / "a" / "depth.svg").read_text()
    for a, b in zip(first, second, strict=True):
        assert a.read_bytes() == b.read_bytes()


def test_what_cannot_be_tested_says_why(tmp_path: Path) -> None:
    """In the figure itself."""
    results = only(made_study(30), "pairs")
    depth = {"question": "depth", "answer": "", "not_testable": "one depth only", "rows": []}
    draw_figures(describe(replace(results, questions={**results.questions, "depth": depth}))["depth"], tmp_path)
    assert "Not testable: one depth only" in (tmp_path / "depth.svg").read_text()


def test_files_are_as_wide_as_the_columns_of_a_page_and_bring_their_fonts(tmp_path: Path) -> None:
    """85 or 178 mm in all formats; the PDF has its fonts as TrueType and none as Type 3."""
    for columns, width in ((1, 85), (2, 178)):
        svg, png, pdf = draw_figures([replace(RANKING, columns=columns)], tmp_path / str(columns))
        assert float(re.search(r'width="([\d.]+)pt"', svg.read_text())[1]) == pytest.approx(72 * width / INCH, abs=0.1)
        assert Image.open(png).width == pytest.approx(DPI * width / INCH, abs=1)
        assert Image.open(png).info["dpi"][0] == pytest.approx(DPI, abs=0.1)
        content = pdf.read_bytes()
        assert float(re.search(rb"/MediaBox \[ ?0 0 ([\d.]+)", content)[1]) == pytest.approx(72 * width / INCH, abs=0.1)
        assert b"/FontFile2" in content
        assert b"/Type3" not in content


def test_an_svg_says_what_it_shows(tmp_path: Path) -> None:
    """Title and description stand in the file, as text, without characters that XML cannot hold."""
    svg, *_ = draw_figures([RANKING], tmp_path)
    root = ElementTree.parse(svg).getroot()
    texts = [
        "".join(e.itertext()).strip() for e in root.iter() if e.tag.endswith("}title") or e.tag.endswith("}description")
    ]
    assert texts.count("β <b> $x^2$ × {{ 7 }} \\alpha") >= 2
    assert "60 test proteins, 3 seeds" in svg.read_text()


@pytest.mark.parametrize("columns", [1, 2])
def test_nothing_lies_on_the_data_or_beyond_the_edge(columns: int) -> None:
    """Legend, title and subtitle are above the axes; all text is inside the figure and of the size that journals ask for."""
    entries = [Key(f"an encoder with a long name {i}") for i in range(7)]
    panels = [Plane(Axis("a"), Axis("b"), [Point(x, x * k) for x in range(5)], 170) for k in (1, 2)]
    for figure in (replace(RANKING, legend=entries), Figure("planes", "Two planes", panels, entries, subtitle="n = 5")):
        with style():
            drawing = draw(replace(figure, columns=columns))
            drawing.draw_without_rendering()
            top = max(axes.get_window_extent().y1 for axes in drawing.axes)
            heads = [*drawing.texts, drawing.legends[0]]
            assert all(head.get_window_extent().y0 >= top for head in heads)
            texts = [
                t for t in drawing.findobj(lambda a: hasattr(a, "get_fontsize")) if t.get_text() and t.get_visible()
            ]
            edge = drawing.bbox
            for text in texts:
                box = text.get_window_extent()
                assert text.get_fontsize() >= POINTS, text
                assert edge.x0 - 1 <= box.x0 < box.x1 <= edge.x1 + 1, (text, box, edge)


LONG = "proteinmpnn-fine-tuned × smollm2-135m"
WORDS = {
    "rows": Rows([Row(Name(f"{LONG} {i}"), [Estimate(0.4)], "0.4") for i in range(6)], Axis("score")),
    "matrix": Matrix(
        [Name(f"gearnet × smollm2-135m {i}", note="untrained") for i in range(12)],
        [[Cell(".50", "#2166ac") for _ in range(12)] for _ in range(12)],
        linkage=[[0 if i == 1 else 10 + i, i, 0.1 * i, 2] for i in range(1, 12)],
        order=list(range(12)),
    ),
    "signs": Matrix([Name(LONG) for _ in range(10)], [[Cell("▲", "#2166ac") for _ in range(10)] for _ in range(10)]),
    "headed": Rows([Row(Name(LONG), [Estimate(0.4)], group=f"skip-same-cluster-{k} (negatives: skip_same_cluster, {k})") for k in "ab"],
        Axis("score"), headed=True),
    "planes": Plane(Axis("identity to the nearest training protein", low=0, high=1, form=share), Axis("share"), [Point(0.5, 1)]),
}  # fmt: skip


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("kind", WORDS)
def test_no_word_lies_on_another(kind: str, columns: int) -> None:
    """Long names, a long legend, ticks in per cent, many rows: every text has its own place, inside the figure."""
    panels = (
        [replace(WORDS[kind], title=Name(f"relatives {k}, k-fold")) for k in "ab"]
        if kind == "planes"
        else [WORDS[kind]]
    )
    legend = [Key("against log(1 + training entries of the same name and organism)"), Key("another")]
    with style():
        drawing = draw(Figure("f", "Words", panels, legend, subtitle="68 test proteins", columns=columns))
        drawing.draw_without_rendering()
        texts = [t for t in drawing.findobj(Text) if t.get_text().strip() and t.get_visible()]
        boxes = {f"{t.get_text()} {k}": t.get_window_extent() for k, t in enumerate(texts)}
    edge, slack = drawing.bbox, 0.3 * DPI / INCH
    assert [t for t, box in boxes.items() if not edge.x0 - 1 <= box.x0 < box.x1 <= edge.x1 + 1] == []
    for (a, one), (b, other) in combinations(boxes.items(), 2):
        over = [min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0)]
        assert min(over) < slack, (a, b)


def test_a_narrow_matrix_breaks_its_names_and_not_its_cells() -> None:
    """In one column a dozen cells are wide enough to be told apart, and a sign stands in each that is wide enough for it."""
    assert matrix.room(WORDS["matrix"], 85).across > 3
    with style():
        drawing = draw(Figure("f", "Signs", [WORDS["signs"]], columns=1))
    assert sum(t.get_text() == "▲" for t in drawing.axes[0].texts) == 100


def test_figures_of_one_column_fit_a_page() -> None:
    """Ten panels, or thirty rows, are no taller than the text of a journal's page."""
    figures = {f.name: replace(f, columns=1) for f in described(made_study(30))}
    with style():
        tall = {name: draw(figures[name]).get_figheight() * INCH for name in ("length", "chains", "pairs", "screening")}
    assert max(tall.values()) < 240, tall


def test_a_legend_is_read_line_by_line() -> None:
    """Five shades in two lines: the second begins where the first ends."""
    keys = [Key(f"r = {k}", "cell") for k in range(5)]
    with style():
        drawing = draw(Figure("f", "Legend", [RANKING.panels[0]], keys, columns=1))
        drawing.draw_without_rendering()
        texts = drawing.legends[0].get_texts()
    places = sorted((-round(t.get_window_extent().y0), t.get_window_extent().x0, t.get_text()) for t in texts)
    assert [text for *_, text in places] == [key.text for key in keys]


def test_all_figures_are_as_wide_as_a_study_asks(tmp_path: Path) -> None:
    """`figure_columns` goes before what a figure says of itself."""
    svg, *_ = draw_figures([RANKING], tmp_path, columns=1)
    assert float(re.search(r'width="([\d.]+)pt"', svg.read_text())[1]) == pytest.approx(72 * 85 / INCH, abs=0.1)
    with pytest.raises(UserError, match="figure_columns"):
        made_config(figure_columns=3)
