"""RQ3: single against multiple chains."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from ...report.charts.tracks import Row, tracks
from ...report.charts.violin import violin
from ...report.markup import tag
from ...report.numbers import count, estimate, fixed, probability
from ...report.palette import gdm_colours
from ...report.results import StudyResults
from ...report.scale import Scale, spanning
from ...report.section import Column, Section, Table, figure

HEIGHT = 46  # pixels of one violin
COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Counted", lambda r: r["counted"], numeric=False, hint="entities: distinct molecules; chains: copies too"),
    Column("Single", lambda r: count(r["n_single"])),
    Column("Multiple", lambda r: count(r["n_multiple"])),
    Column("Median, single", lambda r: fixed(r["median_single"])),
    Column("Median, multiple", lambda r: fixed(r["median_multiple"])),
    Column("Effect [95 %]", lambda r: estimate(r, "effect", 2), hint="rank-biserial; above 0 if single scores higher"),
    Column("p, corrected", lambda r: probability(r["p_corrected"]), hint="of the effect"),
)


def section(results: StudyResults) -> Section:
    """Fig. 4c: violin, box and points of single and multiple, by GDM."""
    question = results.questions["chains"]
    testable = not question.get("not_testable")
    return Section(
        id="chains",
        kicker="RQ 3",
        title="Do single-chain proteins align better than complexes?",
        menu="Chains",
        answer=question["answer"],
        body=_violins(results) if testable else None,
        tables=[Table("chains", "Single and multiple, by pair", question["rows"], COLUMNS)] if testable else [],
        method=question.get("method", ""),
        open_question=not testable,
    )


def _violins(results: StudyResults) -> Markup | None:
    points = results.rows("proteins")
    pairs = results.questions.get("proteins", {}).get("pairs", ())
    colours = gdm_colours(results.rows("pairs"))
    llms = list(dict.fromkeys(p["llm"] for p in pairs))
    if not points or not pairs:
        return None
    scale = spanning(p[pair["label"]] for p in points for pair in pairs)
    panels = [
        tag("div", _panel(points, [p for p in pairs if p["llm"] == m], colours, scale), data_choice=m, hidden=i > 0)
        for i, m in enumerate(llms)
    ]
    options = [tag("option", m, value=m) for m in llms]
    choice = tag("label", "Language model ", tag("select", *options, data_chooses="violins"), cls="choices")
    caption = (
        "Shape, box (quartiles, whiskers to 1.5 times their distance) and points of the scores of proteins with one "
        "polymer entity (nucleic acids count) and with several. Of large groups a part of the points is drawn."
    )
    return figure(tag("div", *panels, data_choices="violins"), caption=caption, legend=choice)


def _panel(
    points: Sequence[Mapping[str, Any]], pairs: Sequence[Mapping[str, Any]], colours: Mapping[str, str], scale: Scale
) -> Markup:
    rows = [_row(points, p, colours[p["gdm"]], scale, single=s) for p in pairs for s in (True, False)]
    return tracks([r for r in rows if r], axis="score of a protein (S_ii)", scale=scale, cls="violins")


def _row(points: Sequence, pair: Mapping[str, Any], colour: str, scale: Scale, *, single: bool) -> Row | None:
    chosen = [p for p in points if (p["entities"] == 1) == single and p[pair["label"]] is not None]
    if not chosen:
        return None
    values = np.array([p[pair["label"]] for p in chosen])
    what = "single" if single else "multiple"
    name = tag("span", pair["gdm"], cls="gdm", style=f"--c:{colour}")
    drawing = violin(values, [p["id"] for p in chosen], scale, colour=colour, height=HEIGHT)
    text = f"median {fixed(float(np.median(values)), 2)}, n = {count(len(values))}"
    return Row(tag("span", name, f" · {what}"), text=text, drawing=drawing, height=HEIGHT, starts_group=single)
