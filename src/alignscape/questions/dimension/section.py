"""RQ4: does a wider structure embedding align better?"""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ...report.charts.plane import Line, Plane, Point
from ...report.charts.tracks import key
from ...report.numbers import count, estimate, fixed, probability
from ...report.palette import model_colours
from ...report.results import StudyResults
from ...report.scale import Scale, spanning
from ...report.section import Column, Section, Table, figure, legend

CONTROLS = {"none": "trained at this width", "pca": "widest, cut by PCA", "fixed": "heads of a common dimension"}
SHAPES = {"none": "dot", "pca": "ring", "fixed": "diamond"}
COLUMNS = (
    Column("LLM", lambda r: r["llm"], numeric=False),
    Column("GDM", lambda r: r["gdm"], numeric=False),
    Column("Dimension", lambda r: count(r["dimension"])),
    Column("What", lambda r: CONTROLS.get(r["control"], r["control"]), numeric=False),
    Column("Calibrated score [95 %]", lambda r: estimate(r, "calibrated")),
    Column("Paper's score [95 %]", lambda r: estimate(r, "score", prefix="")),
    Column("SD over seeds", lambda r: fixed(r["sd"])),
    Column("Proteins", lambda r: count(r["n"])),
)
TREND = (
    Column("LLM", lambda r: r["llm"], numeric=False),
    Column("What", lambda r: CONTROLS.get(r["control"], r["control"]), numeric=False),
    Column("Score per doubling [95 %]", lambda r: estimate(r, "slope", 4, prefix="")),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
    Column("Widths", lambda r: count(r["rungs"])),
)
TREND_FILE = ("llm", "control", "slope", "low", "high", "p", "p_corrected", "rungs")


def section(results: StudyResults) -> Section:
    """Fig. 3b: score against the width of GearNet, with two controls."""
    question = results.questions["dimension"]
    testable = not question.get("not_testable")
    tables = [
        Table("dimension", "Every width", question["rows"], COLUMNS),
        Table("dimension-trend", "Trend", question.get("trend", []), TREND, order=TREND_FILE),
    ]
    return Section(
        id="dimension",
        kicker="RQ 4",
        title="Does a wider structure embedding align better?",
        menu="Dimension",
        answer=question["answer"],
        body=_ladder(question["rows"]) if testable else None,
        tables=tables if testable else [],
        method=question.get("method", ""),
        open_question=not testable,
    )


def _ladder(rows: Sequence[Mapping[str, Any]]) -> Markup:
    widths = sorted({r["dimension"] for r in rows})
    scores = [v for r in rows for v in (r["calibrated"], r["calibrated_low"], r["calibrated_high"])]
    x = Scale(widths[0] / 1.25, widths[-1] * 1.25, octaves=True)
    plane = Plane(
        x, spanning(scores), "dimension of the structure embedding", "calibrated score", 300, widths, count, zero=0.0
    )
    colours = model_colours([r["llm"] for r in rows])
    for llm in colours:
        for control in CONTROLS:
            chosen = [r for r in rows if r["llm"] == llm and r["control"] == control]
            points = [_point(r, colours[llm], SHAPES[control]) for r in chosen]
            plane.line(Line(points, colours[llm], control != "none", llm if control == "none" else ""))
    used = [c for c in CONTROLS if any(r["control"] == c for r in rows)]
    keys = legend(*((key(SHAPES[c]), CONTROLS[c]) for c in used), *((key("dot", c), m) for m, c in colours.items()))
    caption = (
        "Calibrated score against the width of the structure embedding (each step a doubling), with 95 % intervals."
    )
    return figure(
        plane.html(label="Score against dimension, one line per language model"), caption=caption, legend=keys
    )


def _point(row: Mapping[str, Any], colour: str, shape: str) -> Point:
    what = CONTROLS.get(row["control"], row["control"])
    tip = f"{row['gdm']} × {row['llm']}, {row['dimension']} ({what}): {estimate(row, 'calibrated')}"
    return Point(row["dimension"], row["calibrated"], row["calibrated_low"], row["calibrated_high"], tip, shape, colour)
