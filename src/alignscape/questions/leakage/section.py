"""How much of the test set the training set already knows, and what that does to the scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from ...report.charts.plane import Bar, Plane
from ...report.charts.tracks import Mark, Row, key, tracks
from ...report.labels import pair_label
from ...report.markup import join, tag
from ...report.numbers import count, fixed, interval, share
from ...report.palette import gdm_colours
from ...report.results import StudyResults
from ...report.scale import Scale
from ...report.section import Column, Section, Table, figure, legend
from ..pairs.section import SPLITS

BINS = 20
SUMMARY = (
    Column("Split", lambda r: SPLITS.get(r["split"], r["split"]), numeric=False),
    Column("Test proteins", lambda r: count(r["n"])),
    Column("Median identity", lambda r: share(r["median"]), hint="to the nearest training protein"),
    Column("≥ 30 %", lambda r: share(r["share_30"])),
    Column("≥ 50 %", lambda r: share(r["share_50"])),
    Column("≥ 90 %", lambda r: share(r["share_90"])),
    Column("100 %", lambda r: share(r["share_100"])),
    Column("Same text", lambda r: share(r["same_text"])),
    Column("Same name and organism", lambda r: share(r["same_name_organism"])),
)
FILE = ("split", "n", "n_known", "median", "share_30", "share_50", "share_90", "share_100")
FILE += ("same_text", "same_name_organism")


def section(results: StudyResults) -> Section:
    """Identity to the nearest training protein by split, and the scores of both splits side by side."""
    question = results.questions["leakage"]
    testable = not question.get("not_testable")
    summary = question.get("summary", [])
    table = Table("leakage-summary", "Test proteins the training set knows", summary, SUMMARY, False, order=FILE)
    return Section(
        id="leakage",
        title="How much of the score is recognition of relatives?",
        menu="Leakage",
        answer=question["answer"],
        body=_body(question, gdm_colours(results.rows("pairs"))) if testable else None,
        tables=[table] if testable else [],
        method=question.get("method", ""),
        open_question=not testable,
    )


def _body(question: Mapping[str, Any], colours: Mapping[str, str]) -> Markup:
    return join(_histograms(question["rows"]), _side_by_side(question.get("side_by_side", []), colours))


def _histograms(rows: Sequence[Mapping[str, Any]]) -> Markup | None:
    splits = dict.fromkeys(r["split"] for r in rows)
    known = {s: [r["identity"] for r in rows if r["split"] == s and r["identity"] is not None] for s in splits}
    counts = {s: np.histogram(v, bins=BINS, range=(0, 1))[0] / len(v) for s, v in known.items() if v}
    if not counts:
        return None
    top = max(c.max() for c in counts.values())
    panels = [
        figure(_histogram(c, top), caption=f"{SPLITS.get(s, s)}: {count(len(known[s]))} test proteins", cls="panel")
        for s, c in counts.items()
    ]
    caption = "Sequence identity of each test protein to its nearest training protein; 0 where the search finds none."
    return figure(tag("div", *panels, cls="panels"), caption=caption, title="Relatives")


def _histogram(shares: np.ndarray, top: float) -> Markup:
    titles = "identity to the nearest training protein", "share of test proteins"
    plane = Plane(Scale(0, 1), Scale(0, top * 1.05), *titles, 170, x_form=share, y_form=share)
    edges = np.linspace(0, 1, BINS + 1)
    tips = [
        f"{share(a)} to {share(b)}: {share(h)} of the test proteins"
        for a, b, h in zip(edges, edges[1:], shares, strict=False)
    ]
    bars = zip(edges, edges[1:], shares, tips, strict=False)
    plane.bars([Bar(float(a), float(b), float(h), tip=t) for a, b, h, t in bars if h > 0])
    return plane.html(label="Histogram of identity to the nearest training protein")


def _side_by_side(rows: Sequence[Mapping[str, Any]], colours: Mapping[str, str]) -> Markup | None:
    if not rows:
        return None
    splits = list(dict.fromkeys(s for r in rows for s in r["scores"]))
    marked = [_row(r, splits, colours.get(r["gdm"], "var(--ink)")) for r in rows]
    keys = legend(*((key("dot" if i == 0 else "diamond"), SPLITS.get(s, s)) for i, s in enumerate(splits)))
    caption = "The calibrated scores of the same pairs with relatives allowed in the training set, and with whole clusters held out."
    chart = tracks(marked, axis="calibrated score")
    return figure(chart, caption=caption, legend=keys, title="What remains without relatives")


def _row(row: Mapping[str, Any], splits: Sequence[str], colour: str) -> Row:
    found = [(i, s, row["scores"][s]) for i, s in enumerate(splits) if row["scores"].get(s)]
    marks = [
        Mark(
            v["calibrated"],
            v["calibrated_low"],
            v["calibrated_high"],
            "dot" if i == 0 else "diamond",
            colour,
            i,
            _tip(row, s, v),
        )
        for i, s, v in found
    ]
    difference = (
        f"{fixed(row['difference'])} {interval(row['low'], row['high'])}" if row["difference"] is not None else ""
    )
    return Row(pair_label(row), marks, difference)


def _tip(row: Mapping[str, Any], split: str, value: Mapping[str, Any]) -> str:
    return (
        f"{row['label']}, {SPLITS.get(split, split)}: {fixed(value['score'])} {interval(value['low'], value['high'])}"
    )
