"""The file beside a figure has the numbers that are drawn, every one with what it is of."""

from itertools import chain

import pytest

from alignscape.questions.registry import describe
from alignscape.report.figures.axis import Axis
from alignscape.report.figures.figure import Figure, Key, Matrix, Name, Plane, Row, Rows
from alignscape.report.figures.marks import Bar, Cell, Cloud, Distribution, Estimate, Line, Point
from alignscape.report.figures.table import COLUMNS, figure_table
from tests.helpers.made_study import made_study

LEGEND = [Key("trained"), Key("before", "ring"), Key("at this width", "dashed")]
PANELS = {
    "rows": (
        Rows([Row(Name("a × b", note="untrained"), [Estimate(0.4, 0.3, 0.5, "ring"), Estimate(None)])], Axis("s"), title=Name("p")),
        [["p", "a × b untrained", "before", None, 0.4, 0.3, 0.5], ["p", "a × b untrained", "trained", None, None, None, None]],
    ),
    "line": (
        Plane(Axis("x"), Axis("y"), [Line([Point(64, 0.1, 0.0, 0.2)], dash="dashed")]),
        [["", "", "at this width", 64, 0.1, 0.0, 0.2]],
    ),
    "bars": (Plane(Axis("x"), Axis("y"), [Bar(0, 0.05, 0.3)]), [["", "", "bar", "0 to 0.05", 0.3, None, None]]),
    "matrix": (Matrix([Name("m")], [[Cell(".5")]]), [["", "m", "", "m", ".5", None, None]]),
}  # fmt: skip


@pytest.mark.parametrize("kind", PANELS)
def test_every_mark_is_a_row(kind: str) -> None:
    panel, rows = PANELS[kind]
    assert figure_table(Figure("f", "f", [panel], LEGEND)) == {"columns": COLUMNS, "rows": rows}


def test_proteins_have_a_table_of_their_own() -> None:
    """A cloud or a distribution holds every protein, whose numbers the page has once already."""
    cloud = Plane(Axis("x"), Axis("y"), [Cloud(["A"], [1], [2])])
    violin = Rows([Row(Name("a"), [Distribution([0.1], ["A"])])], Axis("s"))
    assert figure_table(Figure("f", "f", [cloud])) is None
    assert figure_table(Figure("f", "f", [violin])) is None


def test_every_figure_of_a_study_has_one() -> None:
    """Of the proteins, or of its own with a row for each interval that is drawn."""
    tables = {f.name: figure_table(f) for f in chain(*describe(made_study(60)).values())}
    assert {name for name, table in tables.items() if table is None} == {"length", "chains"}
    assert all(len(row) == len(COLUMNS) for table in tables.values() if table for row in table["rows"])
    assert len(tables["depth"]["rows"]) == 30
