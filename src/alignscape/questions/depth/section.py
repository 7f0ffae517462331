"""RQ5: are deeper heads better?"""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ...report.charts.tracks import Mark, Row, key, tracks
from ...report.labels import pair_label
from ...report.numbers import count, estimate, fixed, plural, probability
from ...report.palette import gdm_colours
from ...report.results import StudyResults
from ...report.section import Column, Section, Table, figure, legend

SHAPES = {1: "ring", 2: "dot", 3: "diamond"}
COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Layers", lambda r: count(r["layers"])),
    Column("Calibrated score [95 %]", lambda r: estimate(r, "calibrated")),
    Column("Paper's score [95 %]", lambda r: estimate(r, "score", prefix="")),
    Column("SD over seeds", lambda r: fixed(r["sd"])),
    Column("Proteins", lambda r: count(r["n"])),
)
DIFFERENCES = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Layers", lambda r: f"{r['from']} → {r['to']}"),
    Column("Difference [95 %]", lambda r: estimate(r, "difference", prefix="")),
    Column("p", lambda r: probability(r["p"])),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
)
FILE = ("label", "gdm", "llm", "from", "to", "difference", "low", "high", "p", "p_corrected")


def section(results: StudyResults) -> Section:
    """Fig. 5: heads of one, two and three layers, every pair."""
    question = results.questions["depth"]
    testable = not question.get("not_testable")
    tables = [
        Table("depth", "Every pair and depth", question["rows"], COLUMNS),
        Table(
            "depth-differences",
            "Differences, protein by protein",
            question.get("differences", []),
            DIFFERENCES,
            order=FILE,
        ),
    ]
    return Section(
        id="depth",
        kicker="RQ 5",
        title="Do deeper heads align better?",
        menu="Depth",
        answer=question["answer"],
        body=_chart(question["rows"], gdm_colours(results.rows("pairs"))) if testable else None,
        tables=tables if testable else [],
        method=question.get("method", ""),
        open_question=not testable,
    )


def _chart(rows: Sequence[Mapping[str, Any]], colours: Mapping[str, str]) -> Markup:
    by_pair: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_pair.setdefault(row["label"], []).append(row)
    marked, before = [], None
    for found in by_pair.values():
        gdm = found[0]["gdm"]
        marked.append(_row(found, colours.get(gdm, "var(--ink)"), starts=before not in (None, gdm)))
        before = gdm
    layers = sorted({r["layers"] for r in rows})
    keys = legend(*((key(SHAPES.get(n, "dot")), plural(n, "layer")) for n in layers))
    caption = "Calibrated score with heads of one to three layers on the structure side, with 95 % intervals."
    return figure(tracks(marked, axis="calibrated score"), caption=caption, legend=keys)


def _row(found: Sequence[Mapping[str, Any]], colour: str, *, starts: bool) -> Row:
    marks = [
        Mark(
            r["calibrated"],
            r["calibrated_low"],
            r["calibrated_high"],
            SHAPES.get(r["layers"], "dot"),
            colour,
            i,
            _tip(r),
        )
        for i, r in enumerate(found)
    ]
    return Row(pair_label(found[0]), marks, " · ".join(fixed(r["calibrated"], 2) for r in found), starts_group=starts)


def _tip(row: Mapping[str, Any]) -> str:
    return f"{row['label']}, {plural(row['layers'], 'layer')}: {estimate(row, 'calibrated')}"
