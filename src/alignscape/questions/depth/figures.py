"""Heads of one, two and three layers."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...report.figures.axis import Axis
from ...report.figures.basis import basis
from ...report.figures.figure import Figure, Key, Name, Row, Rows
from ...report.figures.marks import Estimate
from ...report.leading import of_leading_pairs
from ...report.numbers import estimate, fixed, plural
from ...report.palette import INK, gdm_colours
from ...report.results import StudyResults

SHAPES = {1: "ring", 2: "dot", 3: "diamond"}


@of_leading_pairs
def depth(results: StudyResults) -> Figure:
    """Fig. 5: every pair, one mark per depth."""
    rows, colours = results.rows("depth"), gdm_colours(results.rows("pairs"))
    known = list(
        dict.fromkeys(r["label"] for r in [*results.rows("pairs"), *rows])
    )  # in the order of the other figures
    found = [of_pair for label in known if (of_pair := [r for r in rows if r["label"] == label])]
    panel = Rows(
        [_row(of_pair, colours.get(of_pair[0]["gdm"], INK)) for of_pair in found],
        Axis("calibrated score", reference=0.0, holds=[0.0]),
        value=" · ".join(str(n) for n in sorted({r["layers"] for r in rows})) + " layers",
    )
    legend = [Key(plural(n, "layer"), SHAPES.get(n, "dot")) for n in sorted({r["layers"] for r in rows})]
    return Figure("depth", "Heads by depth", [panel], legend, subtitle=basis(results))


def _row(rows: Sequence[Mapping[str, Any]], colour: str) -> Row:
    marks = [
        Estimate(
            r["calibrated"],
            r["calibrated_low"],
            r["calibrated_high"],
            SHAPES.get(r["layers"], "dot"),
            colour,
            lane,
            f"{r['label']}, {plural(r['layers'], 'layer')}: {estimate(r, 'calibrated')}",
        )
        for lane, r in enumerate(rows)
    ]
    text = " · ".join(fixed(r["calibrated"]) for r in rows)
    return Row(Name(rows[0]["label"]), marks, text, rows[0]["gdm"])
