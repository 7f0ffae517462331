"""RQ2: which pairs score the same proteins high."""

from typing import Any

from markupsafe import Markup

from ...report.charts.matrix import Cell, dendrogram, matrix
from ...report.labels import pair_label
from ...report.markup import join, tag
from ...report.numbers import count, estimate, fixed, interval
from ...report.palette import diverging, gdm_colours, ink_on
from ...report.results import StudyResults
from ...report.section import Column, Section, Table, figure

COLUMNS = (
    Column("Pair", lambda r: r["a"], numeric=False),
    Column("and pair", lambda r: r["b"], numeric=False),
    Column("Pearson r [95 %]", lambda r: estimate(r, "r", 2, prefix="")),
    Column("r given length", lambda r: fixed(r["partial"], 2), hint="partial correlation, protein length held fixed"),
    Column("Proteins", lambda r: count(r["n"])),
)


def section(results: StudyResults) -> Section:
    """Fig. 3a: a clustered heat map of Pearson's r between the pairs' scores."""
    question = results.questions["correlation"]
    return Section(
        id="correlation",
        kicker="RQ 2",
        title="Do pairs agree on which proteins align well?",
        menu="Agreement",
        answer=question["answer"],
        body=None if question.get("not_testable") else _map(question, gdm_colours(results.rows("pairs"))),
        tables=[Table("correlation", "Every two pairs", question["rows"], COLUMNS)] if question["rows"] else [],
        method=question.get("method", ""),
        open_question=bool(question.get("not_testable")),
    )


def _map(question: dict[str, Any], colours: dict[str, str]) -> Markup:
    order = question["order"]
    shown = [question["pairs"][i] for i in order]
    names = [_name(p, colours) for p in shown]

    def cell(i: int, j: int) -> Cell:
        a, b = order[i], order[j]
        r = question["r"][a][b]
        if r is None:
            return Cell("–")
        tip = f"{_text(shown[i])} and {_text(shown[j])}: r = {fixed(r, 2)} {_bounds(question, a, b)}"
        tip += f"; given length {fixed(question['partial'][a][b], 2)}" if i != j else ""
        return Cell(_two_digits(r), diverging(r), ink_on(r), tip)

    tree = dendrogram(question["linkage"], order) if question.get("linkage") else None
    caption = (
        f"Pearson's r between the scores of two pairs over the same {count(question['n'])} proteins; the tree joins "
        "similar pairs. Blue above 0, orange below. Columns bear the numbers of the rows."
    )
    return figure(matrix(names, cell, caption="Correlation of scores", beside=tree), caption=caption)


def _bounds(question: dict[str, Any], a: int, b: int) -> str:
    return interval(question["low"][a][b], question["high"][a][b], 2) if a != b else ""


def _two_digits(r: float) -> str:
    text = fixed(r, 2)
    return text.replace("0.", ".", 1) if abs(r) < 0.995 else fixed(r, 0)


def _text(pair: dict[str, Any]) -> str:
    return pair["label"] + (" (untrained)" if pair["state"] == "untrained" else "")


def _name(pair: dict[str, Any], colours: dict[str, str]) -> Markup:
    untrained = tag("em", " untrained") if pair["state"] == "untrained" else None
    colour = colours.get(pair["gdm"], "var(--ink)") if not untrained else "var(--muted)"
    return join(pair_label(pair, colour=colour), untrained)
