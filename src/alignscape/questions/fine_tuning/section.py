"""RQ6: does fine-tuning the language model help, and is it the content that helps?"""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ...report.charts.tracks import Mark, Row, key, tracks
from ...report.labels import pair_label
from ...report.numbers import count, estimate, fixed, probability
from ...report.palette import gdm_colours
from ...report.results import StudyResults
from ...report.section import Column, Section, Table, figure, legend

KINDS = {"base": "as published", "tuned": "fine-tuned", "shuffled": "tuned on other proteins' descriptions"}
SHAPES = {"base": "ring", "tuned": "dot", "shuffled": "diamond"}
COLUMNS = (
    Column("GDM", lambda r: r["gdm"], numeric=False),
    Column("LLM", lambda r: r["llm"], numeric=False),
    Column("Base", lambda r: r["base"], numeric=False),
    Column("What", lambda r: KINDS.get(r["kind"], r["kind"]), numeric=False),
    Column("Calibrated score [95 %]", lambda r: estimate(r, "calibrated")),
    Column("Paper's score [95 %]", lambda r: estimate(r, "score", prefix="")),
    Column("SD over seeds", lambda r: fixed(r["sd"])),
    Column("Proteins", lambda r: count(r["n"])),
)
DIFFERENCES = (
    Column("GDM", lambda r: r["gdm"], numeric=False),
    Column("Difference", lambda r: f"{r['a']} − {r['b']}", numeric=False),
    Column("Difference [95 %]", lambda r: estimate(r, "difference", prefix=""), hint="of the calibrated score"),
    Column("p", lambda r: probability(r["p"])),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
)
FILE = ("gdm", "base", "a", "b", "difference", "low", "high", "p", "p_corrected")


def section(results: StudyResults) -> Section:
    """Fig. 6: base, tuned and the control, by GDM."""
    question = results.questions["fine_tuning"]
    testable = not question.get("not_testable")
    tables = [
        Table("fine-tuning", "Base, tuned and control", question["rows"], COLUMNS),
        Table("fine-tuning-differences", "Differences", question.get("differences", []), DIFFERENCES, order=FILE),
    ]
    return Section(
        id="fine-tuning",
        kicker="RQ 6",
        title="Does fine-tuning the language model on proteins help?",
        menu="Fine-tuning",
        answer=question["answer"],
        body=_chart(question["rows"], gdm_colours(results.rows("pairs"))) if testable else None,
        tables=tables if testable else [],
        method=question.get("method", ""),
        open_question=not testable,
    )


def _chart(rows: Sequence[Mapping[str, Any]], colours: Mapping[str, str]) -> Markup:
    pairs = dict.fromkeys((r["gdm"], r["base"]) for r in rows)
    marked = [
        _row(gdm, base, [r for r in rows if (r["gdm"], r["base"]) == (gdm, base)], colours.get(gdm, "var(--ink)"))
        for gdm, base in pairs
    ]
    used = [k for k in KINDS if any(r["kind"] == k for r in rows)]
    caption = (
        "Calibrated score with the language model as published, fine-tuned on the descriptions of proteins that no score is "
        "measured on, and fine-tuned on wrong descriptions (a control), with 95 % intervals."
    )
    keys = legend(*((key(SHAPES[k]), KINDS[k]) for k in used))
    return figure(tracks(marked, axis="calibrated score"), caption=caption, legend=keys)


def _row(gdm: str, base: str, found: Sequence[Mapping[str, Any]], colour: str) -> Row:
    ordered = sorted(found, key=lambda r: list(KINDS).index(r["kind"]))
    marks = [
        Mark(r["calibrated"], r["calibrated_low"], r["calibrated_high"], SHAPES[r["kind"]], colour, i, _tip(r))
        for i, r in enumerate(ordered)
    ]
    return Row(pair_label({"gdm": gdm, "llm": base}), marks, " · ".join(fixed(r["calibrated"], 2) for r in ordered))


def _tip(row: Mapping[str, Any]) -> str:
    return f"{row['gdm']} × {row['llm']} ({KINDS[row['kind']]}): {estimate(row, 'calibrated')}"
