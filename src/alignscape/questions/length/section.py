"""RQ3: does a protein's length matter?"""

from markupsafe import Markup

from ...report.charts.tracks import Mark, Row, tracks
from ...report.labels import pair_label
from ...report.markup import join, tag
from ...report.numbers import count, estimate, fixed, probability, short
from ...report.palette import gdm_colours
from ...report.results import StudyResults
from ...report.section import Column, Section, Table, figure

COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Slope per 100 residues [95 %]", lambda r: _per_hundred(r)),
    Column("Standardised [95 %]", lambda r: estimate(r, "standardised", 2), hint="in standard deviations of both"),
    Column("Spearman [95 %]", lambda r: estimate(r, "spearman", 2)),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
    Column("Proteins", lambda r: count(r["n"])),
)


def _per_hundred(row: dict) -> str:
    low, high = (short(100 * row[k], 2) for k in ("slope_low", "slope_high"))
    return f"{short(100 * row['slope'], 2)} [{low}, {high}]"


def section(results: StudyResults) -> Section:
    """Fig. 4a: score against length, one panel per GDM, and the standardised slopes."""
    question = results.questions["length"]
    colours = gdm_colours(results.rows("pairs"))
    testable = not question.get("not_testable")
    fits = {r["label"]: [r["slope"], r["intercept"]] for r in question["rows"]}
    return Section(
        id="length",
        kicker="RQ 3",
        title="Do longer proteins align better or worse?",
        menu="Length",
        answer=question["answer"],
        body=join(scatter_figure(results), _slopes(question["rows"], colours)) if testable else None,
        tables=[Table("length", "Length, by pair", question["rows"], COLUMNS)] if testable else [],
        method=question.get("method", ""),
        open_question=not testable,
        data={"fits": fits},
    )


def scatter_figure(results: StudyResults) -> Markup | None:
    """A frame that the page's script fills: each protein as a point, one panel per GDM, axes to choose."""
    pairs = results.questions.get("proteins", {}).get("pairs", ())
    if not pairs:
        return None
    llms = list(dict.fromkeys(p["llm"] for p in pairs))
    axes = [("length", "length"), ("category_count", "training entries of the same name"), ("identity", "identity")]
    choices = (_choice("scatter-llm", "Language model", [(m, m) for m in llms]), _choice("scatter-x", "Across", axes))
    hint = tag("p", "These points need JavaScript; the table of proteins has the same numbers.", cls="no-script")
    caption = (
        "Every test protein of the headline split is a point: its score, the mean over seeds of S_ii. Point at one for "
        "its name, press it for its page; with the keyboard, left and right move through the points. "
        "The line is the fit of the table below."
    )
    panels = tag("div", hint, id="scatter", cls="panels")
    return figure(panels, caption=caption, legend=tag("div", *choices, cls="choices"), title="Protein by protein")


def _choice(id_: str, label: str, options: list[tuple[str, str]]) -> Markup:
    entries = [tag("option", text, value=value) for value, text in options]
    return tag("label", label, " ", tag("select", *entries, id=id_))


def _slopes(rows: list[dict], colours: dict[str, str]) -> Markup:
    marked = [
        Row(
            pair_label(r),
            [Mark(r["standardised"], r["standardised_low"], r["standardised_high"], colour=colours[r["gdm"]])],
            estimate(r, "standardised", 2),
            starts_group=i > 0 and r["gdm"] != rows[i - 1]["gdm"],
        )
        for i, r in enumerate(rows)
    ]
    caption = (
        "Standardised slope with its 95 % interval: standard deviations of score per standard deviation of length."
    )
    largest = max((abs(r["standardised"]) for r in rows), default=0)
    title = f"The effect of length (largest: {fixed(largest, 2)})"
    return figure(tracks(marked, axis="standardised slope"), caption=caption, title=title)
