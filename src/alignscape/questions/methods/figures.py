"""What each option of method changes."""

from ...report.figures.axis import Axis
from ...report.figures.basis import basis
from ...report.figures.figure import Figure, Name, Row, Rows
from ...report.figures.marks import Estimate
from ...report.numbers import estimate
from ...report.palette import INK, gdm_colours
from ...report.results import StudyResults


def methods(results: StudyResults) -> Figure:
    """The difference of each pair's score to the default, method by method."""
    others = [r for r in results.rows("methods") if r["difference"] is not None]
    names, colours = list(dict.fromkeys(r["method"] for r in others)), gdm_colours(results.rows("pairs"))
    rows = []
    for r in sorted(others, key=lambda r: names.index(r["method"])):
        group, colour = f"{r['method']} ({r['changes']})", colours.get(r["gdm"], INK)
        tip = f"{r['label']}, {group}: {estimate(r, 'difference')}"
        mark = Estimate(r["difference"], r["difference_low"], r["difference_high"], colour=colour, tip=tip)
        rows.append(Row(Name(r["label"]), [mark], estimate(r, "difference"), group))
    axis = Axis("difference of the calibrated score", reference=0.0, holds=[0.0])
    panel = Rows(rows, axis, value="difference [95 %]", headed=True)
    return Figure("methods", "Every method against the default", [panel], subtitle=basis(results))
