"""Table 1 of the paper: one row per GDM, one column per LLM, trained above untrained."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ...report.markup import join, tag
from ...report.numbers import NOTHING, fixed, interval
from ...report.palette import INK, on_page, shape_of

Row = Mapping[str, Any]


def table_one(rows: Sequence[Row], split: str, colours: Mapping[str, str], *, split_name: str) -> Markup:
    """The scores of one split. The best trained score of each LLM is in bold."""
    mine = [r for r in rows if r["split"] == split]
    gdms, llms = (list(dict.fromkeys(r[side] for r in mine)) for side in ("gdm", "llm"))
    found = {(r["gdm"], r["llm"], r["state"]): r for r in mine}
    best = {m: max((r["score"] for r in mine if r["llm"] == m and r["state"] == "trained"), default=None) for m in llms}
    head = tag("tr", tag("th", "Structure encoder", scope="col"), *(tag("th", m, scope="col", cls="n") for m in llms))
    body = [tag("tr", _name(g, colours), *(tag("td", _cell(found, g, m, best), cls="n") for m in llms)) for g in gdms]
    caption = f"Scores with trained heads, {split_name}, with 95 % intervals; below each, before training."
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
    score = tag("strong" if trained["score"] == best[llm] else "span", fixed(trained["score"]))
    bounds = tag("span", interval(trained["low"], trained["high"]), cls="small")
    below = tag("div", f"before training {fixed(untrained['score'])}", cls="small") if untrained else None
    return join(score, " ", bounds, below)
