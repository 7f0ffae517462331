"""The score against the width of the structure embedding."""

from collections.abc import Mapping
from typing import Any

from ...report.figures.axis import Axis
from ...report.figures.basis import basis
from ...report.figures.figure import Figure, Key, Plane
from ...report.figures.marks import Line, Point
from ...report.numbers import count, estimate
from ...report.palette import model_colours
from ...report.results import StudyResults

CONTROLS = {"none": "trained at this width", "pca": "widest, cut by PCA", "fixed": "heads of a common dimension"}
LOOKS = {"none": ("dot", "solid"), "pca": ("ring", "dashed"), "fixed": ("diamond", "dotted")}
ASIDE = 3.0  # points between lines at one width


def dimension(results: StudyResults) -> Figure:
    """Fig. 3b: one line per language model, with two controls."""
    rows = results.rows("dimension")
    widths = sorted({r["dimension"] for r in rows})
    colours = model_colours([r["llm"] for r in rows])
    drawn = [(llm, control) for llm in colours for control in CONTROLS if _of(rows, llm, control)]
    lines = [
        _line(_of(rows, llm, control), colours[llm], control, shift=ASIDE * (i - (len(drawn) - 1) / 2))
        for i, (llm, control) in enumerate(drawn)
    ]
    x = Axis("dimension of the structure embedding", octaves=True, ticks=widths, form=count, margin=0.25)
    used = [c for c in CONTROLS if any(control == c for _, control in drawn)]
    legend = [Key(CONTROLS[c], LOOKS[c][1]) for c in used] + [Key(m, "dot", c) for m, c in colours.items()]
    panel = Plane(x, Axis("calibrated score", reference=0.0), lines, 300)
    title = "Score against dimension"
    return Figure("dimension", title, [panel], legend, subtitle=basis(results))


def _of(rows: list[dict[str, Any]], llm: str, control: str) -> list[dict[str, Any]]:
    return [r for r in rows if (r["llm"], r["control"]) == (llm, control)]


def _line(rows: list[dict[str, Any]], colour: str, control: str, *, shift: float) -> Line:
    shape, dash = LOOKS[control]
    points = [_point(r, colour, shape) for r in rows]
    return Line(points, colour, dash, shift=shift)


def _point(row: Mapping[str, Any], colour: str, shape: str) -> Point:
    what = CONTROLS.get(row["control"], row["control"])
    tip = f"{row['gdm']} × {row['llm']}, {row['dimension']} ({what}): {estimate(row, 'calibrated')}"
    return Point(row["dimension"], row["calibrated"], row["calibrated_low"], row["calibrated_high"], shape, colour, tip)
