"""Measures without training against the trained score."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...alignment.measures import MEASURES
from ...report.figures.axis import Axis
from ...report.figures.basis import basis
from ...report.figures.figure import Figure, Key, Plane
from ...report.figures.marks import SHAPES, Point
from ...report.numbers import fixed
from ...report.palette import INK, gdm_colours
from ...report.results import StudyResults


def screening(results: StudyResults) -> Figure:
    """One point per pair, one panel per measure."""
    rows, colours = results.rows("screening"), gdm_colours(results.rows("pairs"))
    shapes = {gdm: SHAPES[i % len(SHAPES)] for i, gdm in enumerate(dict.fromkeys(r["gdm"] for r in rows))}
    panels = [_panel(rows, measure, colours, shapes) for measure in measured(rows)]
    legend = [Key(gdm, shape, colours.get(gdm, INK)) for gdm, shape in shapes.items()]
    return Figure("screening", "Before and after training", panels, legend, subtitle=basis(results))


def measured(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The measures that some pair has."""
    return [name for name in MEASURES if any(row.get(name) is not None for row in rows)]


def with_null(row: Mapping[str, Any], measure: str) -> str:
    """A measure with its chance level."""
    return f"{fixed(row[measure])} (chance {fixed(row[f'{measure}_null'])}, z {fixed(row[f'{measure}_z'], 1)})"


def title(measure: str) -> str:
    """A measure's name, and whether low values mean that two encoders are alike."""
    found = MEASURES[measure]
    return found.title if found.alike == "high" else f"{found.title} (low: alike)"


def _panel(rows: Sequence[Mapping], measure: str, colours: Mapping[str, str], shapes: Mapping[str, str]) -> Plane:
    points = [
        Point(r[measure], r["calibrated"], None, None, shapes[r["gdm"]], colours.get(r["gdm"], INK), _tip(r, measure))
        for r in rows
        if r[measure] is not None and r["calibrated"] is not None
    ]
    about = MEASURES[measure]
    x = Axis(about.title if about.alike == "high" else f"{about.title} ←", margin=0.1)
    y = Axis("calibrated score", reference=0.0, margin=0.1)
    return Plane(x, y, points, 200)


def _tip(row: Mapping[str, Any], measure: str) -> str:
    score = f"calibrated score {fixed(row['calibrated'])}"
    return f"{row['label']}: {MEASURES[measure].title} {with_null(row, measure)}, {score}"
