"""Measures that need no training, and whether they predict the trained score."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ...report.charts.plane import Plane, Point
from ...report.charts.tracks import key
from ...report.markup import tag
from ...report.numbers import count, estimate, fixed, probability
from ...report.palette import gdm_colours
from ...report.results import StudyResults
from ...report.scale import spanning
from ...report.section import Column, Section, Table, figure, legend

MEASURES = {"mutual_knn": "mutual kNN", "cka": "CKA, unbiased", "cknna": "CKNNA"}
COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    *(Column(title, lambda r, m=m: _with_null(r, m)) for m, title in MEASURES.items()),
    Column("Calibrated score", lambda r: fixed(r["calibrated"]), hint="after training"),
)
FORETELLS = (
    Column("Measure", lambda r: MEASURES.get(r["measure"], r["measure"]), numeric=False),
    Column("Spearman with the score [95 %]", lambda r: estimate(r, "spearman", 2, prefix="")),
    Column("p", lambda r: probability(r["p"])),
    Column("Pairs", lambda r: count(r["pairs"])),
)


def _with_null(row: Mapping[str, Any], measure: str) -> str:
    return f"{fixed(row[measure])} (chance {fixed(row[f'{measure}_null'])}, z {fixed(row[f'{measure}_z'], 1)})"


FILE = ("measure", "spearman", "low", "high", "p", "pairs")


def section(results: StudyResults) -> Section:
    """Three measures on the raw embeddings against the trained score, one point per pair."""
    question = results.questions["screening"]
    testable = not question.get("not_testable")
    tables = [
        Table("screening", "Every pair without training", question["rows"], COLUMNS),
        Table(
            "screening-predicts",
            "How well they predict the score",
            question.get("predicts", []),
            FORETELLS,
            order=FILE,
        ),
    ]
    return Section(
        id="screening",
        title="Can pairs be screened without training anything?",
        menu="Screening",
        answer=question["answer"],
        body=_panels(question["rows"], gdm_colours(results.rows("pairs"))) if testable else None,
        tables=tables if testable else [],
        method=question.get("method", ""),
        open_question=not testable,
    )


def _panels(rows: Sequence[Mapping[str, Any]], colours: Mapping[str, str]) -> Markup:
    panels = [_panel(rows, measure, title, colours) for measure, title in MEASURES.items()]
    shown = dict.fromkeys(r["gdm"] for r in rows)
    keys = legend(*((key("dot", colours.get(g, "var(--ink)")), g) for g in shown))
    caption = (
        "Every pair once: a measure on the embeddings as they come (across) against the score after training (up)."
    )
    return figure(tag("div", *panels, cls="panels"), caption=caption, legend=keys)


def _panel(rows: Sequence[Mapping[str, Any]], measure: str, title: str, colours: Mapping[str, str]) -> Markup:
    known = [r for r in rows if r[measure] is not None and r["calibrated"] is not None]
    x = spanning((r[measure] for r in known), margin=0.1)
    plane = Plane(
        x, spanning((r["calibrated"] for r in known), margin=0.1), title, "calibrated score", 200, x.ticks(4), zero=0.0
    )
    plane.points(
        [
            Point(r[measure], r["calibrated"], tip=_tip(r, measure, title), colour=colours.get(r["gdm"], "var(--ink)"))
            for r in known
        ]
    )
    return tag("div", plane.html(label=f"{title} against the trained score"), cls="panel")


def _tip(row: Mapping[str, Any], measure: str, title: str) -> str:
    return f"{row['label']}: {title} {_with_null(row, measure)}, calibrated score {fixed(row['calibrated'])}"
