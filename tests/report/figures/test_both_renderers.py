"""One description, two drawings: what the page shows and what print shows are the numbers of the description."""

import base64
from collections.abc import Iterable
from html.parser import HTMLParser
from itertools import chain

import numpy as np
import pytest
from matplotlib.axes import Axes

from alignscape.questions.registry import describe, figures
from alignscape.report.figures.axis import Axis
from alignscape.report.figures.distribution import points
from alignscape.report.figures.figure import Choice, Figure, Key, Matrix, Name, Panel, Plane, Row, Rows
from alignscape.report.figures.marks import (
    SHAPES,
    Bar,
    Cell,
    Cloud,
    Curve,
    Distribution,
    Estimate,
    Line,
    Point,
)
from alignscape.report.figures.page.clouds import Columns, clouds
from alignscape.report.figures.page.render import render
from alignscape.report.figures.printed.draw import draw
from alignscape.report.figures.printed.style import style
from alignscape.report.payload import MISSING, STEPS, protein_columns
from alignscape.report.results import StudyResults
from alignscape.report.scale import Scale
from tests.helpers.made_study import made_study

IDS = [f"P{i}" for i in range(40)]
NUMBERS = np.random.default_rng(4).uniform(0.1, 0.9, 40).tolist()
ROWS = Rows(
    [
        Row(
            Name("a × b", "#0072b2"), [Estimate(0.4, 0.3, 0.5, s, lane=i, tip="t") for i, s in enumerate(SHAPES)], "0.4"
        ),
        Row(Name("c", note="untrained"), [Estimate(-0.2, shape="tick"), Estimate(None)], group="g"),
        Row(Name("d", strong=True), [Distribution(NUMBERS, IDS, "#d55e00")], group="g"),
    ],
    Axis("score", reference=0.0),
    value="value",
    headed=True,
)
PLANE = Plane(
    Axis("width", "residues", octaves=True, ticks=[64, 128]),
    Axis("score", reference=0.2),
    [
        Line([Point(64, 0.1, 0.0, 0.2, tip="t"), Point(128, 0.3)], "#0072b2", "dotted", shift=2),
        Curve([64, 100, 128], [0.1, 0.15, 0.3]),
        Point(100, 0.25, 0.2, 0.3, "triangle"),
    ],
)
BARS = Plane(Axis("identity"), Axis("share"), [Bar(0, 0.5, 0.75, tip="t"), Bar(0.5, 1, 0.25)], title=Name("bars"))
CLOUD = Plane(Axis("x"), Axis("y"), [Cloud(IDS, [None, *range(1, 40)], NUMBERS, "#009e73")], chosen={"Choice": "one"})
MATRIX = Matrix(
    [Name("m"), Name("n")], [[Cell("1", "#2166ac", "#fff"), Cell("▲", "good-soft", tip="t")], [Cell(""), Cell("−.5")]],
    linkage=[[0, 1, 0.5, 2]], order=[1, 0],
)  # fmt: skip


class Drawn(HTMLParser):
    """Numbers of a drawing on the page: marks and intervals in per cent, bars, cells, ids of points."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.marks: list[float] = []
        self.intervals: list[tuple[str, str, str, str]] = []
        self.bars: list[tuple[float, float]] = []
        self.cells: list[str] = []
        self.ids: dict[str, float] = {}
        self.canvases: list[str] = []
        self._in_cell = False
        self.feed(html)

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attributes}
        per_cent = {k: float(v[:-1]) for k, v in a.items() if k in ("cx", "x", "x1", "width") and v.endswith("%")}
        if name == "circle" and "data-id" in a:
            self.ids[a["data-id"]] = float(a["data-v"].replace("−", "-"))
        elif name == "circle" and a.get("class") != "target":
            self.marks.append(per_cent["cx"])
        elif name == "svg" and "x" in per_cent:
            self.marks.append(per_cent["x"])
        elif name == "line" and a.get("class") == "interval":
            self.intervals.append((a["x1"], a["x2"], a["y1"], a["y2"]))
        elif (
            name == "line"
            and "stroke-width:2" in a.get("style", "")
            and a["x1"] == a["x2"]
            and not a["y1"].endswith("%")
        ):
            self.marks.append(per_cent["x1"])
        elif name == "rect" and a.get("class") == "bar":
            self.bars.append((per_cent["x"], per_cent["width"]))
        elif a.get("class") == "cloud":
            self.canvases.append(a["data-cloud"])
        self._in_cell = name == "td" and a.get("class") not in ("beside", "corner")
        if self._in_cell:
            self.cells.append("")

    def handle_endtag(self, name: str) -> None:
        self._in_cell = self._in_cell and name != "td"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data


@pytest.fixture(scope="module")
def results() -> StudyResults:
    return made_study(60, nasty=True)


@pytest.fixture(scope="module")
def described(results: StudyResults) -> list[Figure]:
    return list(chain(*describe(results).values()))


def one(panel: Panel, **more: object) -> Figure:
    return Figure("made", "Made in a test", [panel], [Key("dot"), Key("cell", "cell", "#2166ac")], **more)


def value_of(per_cent: float, scale: Scale) -> float:
    if scale.octaves:
        return scale.low * (scale.high / scale.low) ** (per_cent / 100)
    return scale.low + (scale.high - scale.low) * per_cent / 100


def on_axes(axes: Axes, *, kind: str) -> list[np.ndarray]:
    """The x of every single mark, or the ends of every interval, of matplotlib's axes."""
    lines = [line for line in axes.lines if len(line.get_xdata()) == (1 if kind == "marks" else 2)]
    if kind == "marks":
        return [np.asarray(line.get_xdata()) for line in lines if line.get_marker() not in ("None", "", None)]
    return [np.r_[line.get_xdata(), line.get_ydata()] for line in lines if line.get_alpha() == 0.6]


def estimates(panels: Iterable[Panel]) -> list[Estimate]:
    marks = (m for p in panels if isinstance(p, Rows) for row in p.rows for m in row.marks)
    return [m for m in marks if isinstance(m, Estimate) and m.value is not None]


def test_every_registered_figure_is_drawn_by_both(described: list[Figure]) -> None:
    """With names that try to break it; none says that it has nothing to draw."""
    assert {figure.name for figure in described} == set(figures())
    for figure in described:
        assert not figure.absent, figure.name
        assert figure.caption
        assert render(figure).count('class="panel"') == len(figure.panels)
        with style():
            drawn = draw(figure)
        assert sum(axes.axison for axes in drawn.axes) == len(figure.printed_panels)


def test_rows_of_every_figure_show_the_numbers_of_the_description(described: list[Figure]) -> None:
    """Values and ends of intervals, read back from the page's SVG and from matplotlib's axes."""
    checked = 0
    for figure in (f for f in described if isinstance(f.panels[0], Rows)):
        with style():
            axes = draw(figure).axes
        for panel, place in zip(figure.printed_panels, axes, strict=True):
            page, scale = Drawn(render(one(panel)).partition("</ul>")[2]), panel.scale()
            wanted = [m.value for m in estimates([panel])]
            within = 1e-4 * (scale.high - scale.low)
            np.testing.assert_allclose([value_of(x, scale) for x in page.marks], wanted, atol=within)
            np.testing.assert_allclose([float(x[0]) for x in on_axes(place, kind="marks")], wanted)
            ends = [(m.low, m.high) for m in estimates([panel]) if m.low is not None]
            shown = [[value_of(float(x[:-1]), scale) for x in line[:2]] for line in page.intervals]
            np.testing.assert_allclose(np.reshape(shown, (-1, 2)), np.reshape(ends, (-1, 2)), atol=within)
            printed = [x[:2] for x in on_axes(place, kind="intervals")]
            np.testing.assert_allclose(np.reshape(printed, (-1, 2)), np.reshape(ends, (-1, 2)))
            checked += len(wanted)
    assert checked > 100


def test_matrices_have_the_same_words_in_the_same_cells(described: list[Figure]) -> None:
    matrices = [f for f in described if isinstance(f.panels[0], Matrix)]
    assert len(matrices) == 2
    for figure in matrices:
        wanted = [cell.text for row in figure.panels[0].cells for cell in row]
        assert Drawn(render(figure)).cells == wanted
        with style():
            [axes] = draw(figure).axes
        assert [text.get_text() for text in axes.texts] == wanted


def test_planes_show_the_numbers_of_the_description(described: list[Figure]) -> None:
    """Points, bars, and what is at their ends."""
    checked = 0
    for figure in (f for f in described if f.name in ("screening", "dimension", "dataset", "leakage")):
        with style():
            axes = draw(figure).axes
        for panel, place in zip(figure.printed_panels, axes, strict=False):
            page, (x, _) = Drawn(render(one(panel)).partition("</ul>")[2]), panel.scales()
            bars = [m for m in panel.marks if isinstance(m, Bar)]
            marks = [p for m in panel.marks for p in (m.points if isinstance(m, Line) else [m]) if isinstance(p, Point)]
            np.testing.assert_allclose([value_of(p, x) for p in page.marks], [p.x for p in marks], rtol=2e-3)
            found = [(line.get_xdata()[0], line.get_ydata()[0]) for line in place.lines if len(line.get_xdata()) == 1]
            assert found == [(p.x, p.y) for p in marks]
            np.testing.assert_allclose(
                [value_of(b[0], x) for b in page.bars], [b.left for b in bars], rtol=2e-3, atol=1e-3
            )
            boxes = [(b.get_x(), b.get_x() + b.get_width(), b.get_height()) for b in place.patches]
            np.testing.assert_allclose(
                np.reshape(boxes, (-1, 3)), np.reshape([(b.left, b.right, b.height) for b in bars], (-1, 3))
            )
            checked += len(bars) + len(marks)
    assert checked > 60


def test_clouds_show_the_same_proteins_in_both(results: StudyResults, described: list[Figure]) -> None:
    """The page's packed columns at the proteins' places are the x and y of the description, as are matplotlib's."""
    figure = next(f for f in described if f.name == "length")
    proteins = protein_columns(results)
    columns = Columns(proteins["columns"]["id"], proteins["scores"])
    specs = clouds({f"length-{i}": p for i, p in enumerate(figure.panels)}, columns)
    assert Drawn(render(figure)).canvases == list(specs)
    packed = [np.frombuffer(base64.b64decode(s), "<i2") for s in columns.packed]
    shown = [np.where(s == MISSING, np.nan, s / STEPS) for s in packed]
    shown += [np.frombuffer(base64.b64decode(m), "<f4") for m in columns.measures]
    assert len(columns.measures) == 3  # lengths, entries, identities; scores are not stored twice
    with style():
        printed = iter(draw(figure).axes)
    for panel, spec in zip(figure.panels, specs.values(), strict=True):
        cloud = panel.marks[0]
        x, y = (shown[spec[axis]["column"]] for axis in "xy")
        drawn = {i: (a, b) for i, a, b in zip(columns.ids, x, y, strict=True) if not np.isnan(a + b)}
        wanted = {i: (a, b) for i, a, b in cloud.known}
        assert drawn.keys() == wanted.keys()
        np.testing.assert_allclose([drawn[i] for i in wanted], list(wanted.values()), atol=0.51 / STEPS, rtol=1e-6)
        assert spec["curves"] == [{"x": c.x, "y": c.y, "colour": "ink"} for c in panel.marks[1:]]
        if panel in figure.printed_panels:
            [points_] = next(printed).collections
            np.testing.assert_array_equal(points_.get_offsets(), list(wanted.values()))


def test_distributions_show_the_same_proteins_in_both(described: list[Figure]) -> None:
    figure = next(f for f in described if f.name == "chains")
    with style():
        axes = draw(figure).axes
    for panel, place in zip(figure.panels, axes, strict=True):
        marks = [m for row in panel.rows for m in row.marks]
        wanted = [[(v, i) for v, _, i in points(m)] for m in marks]
        page = Drawn(render(one(panel)).partition("</ul>")[2]).ids
        for one_row in wanted[:2]:  # single and multiple of one encoder: every protein once
            assert {i for _, i in one_row} <= page.keys()
        offsets = [c.get_offsets()[:, 0] for c in place.collections if len(c.get_offsets()) > 1]
        for found, expected in zip(offsets, wanted, strict=True):
            np.testing.assert_allclose(found, [v for v, _ in expected])


@pytest.mark.parametrize("panel", [ROWS, PLANE, BARS, CLOUD, MATRIX], ids=["rows", "plane", "bars", "cloud", "matrix"])
def test_a_figure_made_of_marks_needs_no_code_of_its_own(panel: Panel) -> None:
    """Each mark of the vocabulary, in a figure that nobody registered, is drawn by both."""
    choices = [Choice("Choice", ["one", "two"])] if panel.chosen else []
    figure = one(panel, choices=choices, subtitle="n = 2", caption="Says what it shows.")
    html = render(figure)
    assert "Says what it shows." in html
    assert "n = 2" in html
    with style():
        drawn = draw(figure)
        drawn.draw_without_rendering()
    assert drawn.axes[0].has_data()


def test_only_what_is_chosen_first_is_shown_and_print_draws_all_or_the_first() -> None:
    """A panel of another option is hidden on the page; print draws every option of a choice, or its first."""
    panels = [Plane(Axis("x"), Axis("y"), [Point(1, 2)], chosen={"A": a, "B": b}) for a in "12" for b in "34"]
    figure = Figure("f", "f", panels, choices=[Choice("A", ["1", "2"]), Choice("B", ["3", "4"], print_all=False)])
    html = render(figure)
    assert html.count(" hidden") == 3
    assert html.count('data-option-0="2"') == html.count('data-option-1="3"') == 2
    assert [p.chosen["A"] + p.chosen["B"] for p in figure.printed_panels] == ["13", "23"]


def test_an_absent_figure_is_not_on_the_page() -> None:
    """Its section says why; the file says it in words."""
    assert render(Figure("f", "f", absent="nothing to draw")) is None
