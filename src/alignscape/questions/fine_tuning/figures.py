"""The language model as published, fine-tuned, and fine-tuned on wrong descriptions."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...report.figures.axis import Axis
from ...report.figures.basis import basis
from ...report.figures.figure import Figure, Key, Name, Row, Rows
from ...report.figures.marks import Estimate
from ...report.numbers import estimate, fixed
from ...report.palette import INK, gdm_colours
from ...report.results import StudyResults

KINDS = {"base": "as published", "tuned": "fine-tuned", "shuffled": "tuned on other proteins' descriptions"}
SHAPES = {"base": "ring", "tuned": "dot", "shuffled": "diamond"}


def fine_tuning(results: StudyResults) -> Figure:
    """Fig. 6: base, tuned and the control, by GDM."""
    rows, colours = results.rows("fine_tuning"), gdm_colours(results.rows("pairs"))
    pairs = dict.fromkeys((r["gdm"], r["base"]) for r in rows)
    marked = [
        _row(gdm, base, [r for r in rows if (r["gdm"], r["base"]) == (gdm, base)], colours.get(gdm, INK))
        for gdm, base in pairs
    ]
    panel = Rows(marked, Axis("calibrated score", reference=0.0, holds=[0.0]), value="as in the legend")
    legend = [Key(text, SHAPES[kind]) for kind, text in KINDS.items() if any(r["kind"] == kind for r in rows)]
    return Figure("fine_tuning", "Before and after fine-tuning", [panel], legend, subtitle=basis(results))


def _row(gdm: str, base: str, rows: Sequence[Mapping[str, Any]], colour: str) -> Row:
    ordered = sorted(rows, key=lambda r: list(KINDS).index(r["kind"]))
    marks = [
        Estimate(
            r["calibrated"],
            r["calibrated_low"],
            r["calibrated_high"],
            SHAPES[r["kind"]],
            colour,
            lane,
            f"{r['gdm']} × {r['llm']} ({KINDS[r['kind']]}): {estimate(r, 'calibrated')}",
        )
        for lane, r in enumerate(ordered)
    ]
    return Row(Name(f"{gdm} × {base}"), marks, " · ".join(fixed(r["calibrated"]) for r in ordered))
