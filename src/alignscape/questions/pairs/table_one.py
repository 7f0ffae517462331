"""Table 1 of the paper: one row per GDM, one column per LLM; the calibrated score above the paper's."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ...report.markup import join, tag
from ...report.numbers import NOTHING, fixed, interval
from ...report.palette import INK, on_page, shape_of

Row = Mapping[str, Any]


def table_one(rows: Sequence[Row], split: str, colours: Mapping[str, str], *, split_name: str) -> Markup:
    """The scores of one split. The highest calibrated score of each LLM is in bold."""
    mine = [r for r in rows if r["split"] == split]
    gdms, llms = (list(dict.fromkeys(r[side] for r in mine)) for side in ("gdm", "llm"))
    found = {(r["gdm"], r["llm"], r["state"]): r for r in mine}
    trained = [r for r in mine if r["state"] == "trained" and r["calibrated"] is not None]
    best = {m: max((r["calibrated"] for r in trained if r["llm"] == m), default=None) for m in llms}
    head = tag("tr", tag("th", "Structure encoder", scope="col"), *(tag("th", m, scope="col", cls="n") for m in llms))
    body = [tag("tr", _name(g, colours), *(tag("td", _cell(found, g, m, best), cls="n") for m in llms)) for g in gdms]
    caption = (
        f"Calibrated scores with their 95 % intervals, {split_name}; the highest with each language model in bold. "
        "Below each the paper's score, whose chance level is not 0, after and before training."
    )
    label = tag("caption", "Scores by structure encoder and language model", cls="unseen")
    table = tag("table", label, tag("thead", head), tag("tbody", *body), cls="table-one")
    frame = tag("div", table, cls="table wide", tabindex=0, role="region", aria_label=caption)
    return tag("figure", frame, tag("figcaption", caption))


def _name(gdm: str, colours: Mapping[str, str]) -> Markup:
    colour = colours.get(gdm, INK)
    dot = {"cls": f"gdm s{shape_of(colour)} whole", "style": f"--c:{on_page(colour)}"}
    return tag("th", tag("span", gdm, **dot), scope="row")


def _cell(found: Mapping, gdm: str, llm: str, best: Mapping[str, float | None]) -> Markup:
    trained, untrained = found.get((gdm, llm, "trained")), found.get((gdm, llm, "untrained"))
    if not trained:
        return Markup(NOTHING)
    value = trained["calibrated"]
    score = tag("strong" if value is not None and value == best[llm] else "span", fixed(value))
    bounds = tag("span", interval(trained["calibrated_low"], trained["calibrated_high"]), cls="small")
    before = f", before {fixed(untrained['score'])}" if untrained else ""
    return join(score, " ", bounds, tag("div", f"paper's {fixed(trained['score'])}{before}", cls="small"))
