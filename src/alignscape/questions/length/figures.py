"""The score of each protein against its length, and the slope of each pair."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...report.figures.axis import Axis
from ...report.figures.basis import basis
from ...report.figures.figure import Choice, Figure, Name, Plane, Row, Rows
from ...report.figures.marks import Cloud, Curve, Estimate, Mark
from ...report.leading import of_leading_pairs
from ...report.numbers import count, estimate, fixed
from ...report.palette import INK, gdm_colours
from ...report.results import StudyResults
from ...report.scale import spanning

# What stands across: name of the choice -> column of the proteins, what is added to it, its axis.
ACROSS = {
    "length": ("length", 0, Axis("length", "amino acids", octaves=True, form=count)),
    "training entries of the same name": (
        "category_count",
        1,
        Axis("1 + training entries of the same name and organism", octaves=True, form=count),
    ),
    "identity": ("identity", 0, Axis("identity to the nearest training protein")),
}
MODEL, X = "Language model", "Across"


@of_leading_pairs
def length(results: StudyResults) -> Figure:
    """Fig. 4a: each test protein as a point, one panel per pair, with the fit of the analysis."""
    points, pairs = results.rows("proteins"), results.questions.get("proteins", {}).get("pairs", ())
    if not points or not pairs:
        return Figure("length", "Protein by protein", absent="The matches protein by protein are not part of this run.")
    y = spanning(p[pair["label"]] for p in points for pair in pairs)
    axis, fits = (
        Axis("match with its own text", low=y.low, high=y.high),
        {r["label"]: r for r in results.rows("length")},
    )
    colours = gdm_colours(results.rows("pairs"))
    panels = [
        _panel(points, pair, across, axis, colours.get(pair["gdm"], INK), fits.get(pair["label"]))
        for pair in pairs
        for across in ACROSS
    ]
    choices = [Choice(MODEL, list(dict.fromkeys(p["llm"] for p in pairs))), Choice(X, list(ACROSS), print_all=False)]
    return Figure("length", "Protein by protein", panels, choices=choices, subtitle=basis(results))


@of_leading_pairs
def length_slopes(results: StudyResults) -> Figure:
    """The standardised effect of length, by pair."""
    rows, colours = results.rows("length"), gdm_colours(results.rows("pairs"))
    marked = []
    for r in rows:
        colour = colours.get(r["gdm"], INK)
        mark = Estimate(r["standardised"], r["standardised_low"], r["standardised_high"], colour=colour)
        marked.append(Row(Name(r["label"]), [mark], estimate(r, "standardised", 2), r["gdm"]))
    largest = max((abs(r["standardised"]) for r in rows if r["standardised"] is not None), default=0)
    panel = Rows(marked, Axis("standardised slope", reference=0.0, holds=[0.0]), value="slope [95 %]")
    title = f"The effect of length (largest: {fixed(largest, 2)})"
    return Figure("length_slopes", title, [panel], subtitle=basis(results))


def _panel(
    points: Sequence[Mapping[str, Any]],
    pair: Mapping[str, str],
    across: str,
    y: Axis,
    colour: str,
    fit: Mapping[str, Any] | None,
) -> Plane:
    column, plus, x_axis = ACROSS[across]
    x = [None if p[column] is None else p[column] + plus for p in points]
    cloud = Cloud([p["id"] for p in points], x, [p[pair["label"]] for p in points], colour)
    marks: list[Mark] = [cloud, *([_fit(cloud, fit)] if fit and across == "length" and cloud.known else [])]
    return Plane(x_axis, y, marks, 250, Name(pair["label"], colour), {MODEL: pair["llm"], X: across})


def _fit(cloud: Cloud, fit: Mapping[str, Any]) -> Curve:
    """The straight fit of the analysis, which is a curve on a logarithmic axis."""
    known = [x for _, x, _ in cloud.known]
    x = np.geomspace(max(1, min(known)), max(known), 60)
    return Curve(x.tolist(), (fit["intercept"] + fit["slope"] * x).tolist())
