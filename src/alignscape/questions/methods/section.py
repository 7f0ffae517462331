"""What the options of method change."""

from markupsafe import Markup

from ...report.charts.tracks import Mark, Row, tracks
from ...report.labels import pair_label
from ...report.numbers import count, estimate, fixed, probability, share
from ...report.palette import gdm_colours
from ...report.results import StudyResults
from ...report.section import Column, Section, Table, figure

COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Method", lambda r: r["method"], numeric=False),
    Column("Changes", lambda r: r["changes"], numeric=False),
    Column("Calibrated score [95 %]", lambda r: estimate(r, "calibrated")),
    Column("Paper's score [95 %]", lambda r: estimate(r, "score", prefix="")),
    Column("Difference to default", lambda r: estimate(r, "difference")),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
    Column("R@1", lambda r: share(r["recall_text_1"])),
    Column("MRR", lambda r: fixed(r["mrr_text"])),
    Column("Proteins", lambda r: count(r["n"])),
)


def section(results: StudyResults) -> Section:
    """Loss, temperature, negatives and pooling, each against the default."""
    question = results.questions["methods"]
    testable = not question.get("not_testable")
    return Section(
        id="methods",
        title="What would another method change?",
        menu="Methods",
        answer=question["answer"],
        body=_chart(question["rows"], gdm_colours(results.rows("pairs"))) if testable else None,
        tables=[Table("methods", "Every option against the default", question["rows"], COLUMNS)] if testable else [],
        method=question.get("method", ""),
        open_question=not testable,
    )


def _chart(rows: list[dict], colours: dict[str, str]) -> Markup:
    others = [r for r in rows if r["difference"] is not None]
    names = dict.fromkeys(r["method"] for r in others)
    ordered = [r for n in names for r in others if r["method"] == n]
    marked = [
        Row(
            pair_label(r),
            [
                Mark(
                    r["difference"],
                    r["difference_low"],
                    r["difference_high"],
                    colour=colours.get(r["gdm"], "var(--ink)"),
                    tip=f"{r['label']}, {r['method']} ({r['changes']}): {estimate(r, 'difference')}",
                )
            ],
            estimate(r, "difference"),
            starts_group=i > 0 and _starts(ordered, i),
            heading=f"{r['method']} ({r['changes']})" if _starts(ordered, i) else None,
        )
        for i, r in enumerate(ordered)
    ]
    caption = "Difference of the calibrated score to the default method, protein by protein, with 95 % intervals."
    return figure(tracks(marked, axis="difference of the calibrated score"), caption=caption)


def _starts(rows: list[dict], i: int) -> bool:
    return i == 0 or rows[i - 1]["method"] != rows[i]["method"]
