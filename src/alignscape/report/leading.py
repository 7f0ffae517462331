"""Which pairs a page has room for: a study of many shows its highest, and its files have all."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any

from .answer.ranking import ranking
from .numbers import count
from .results import StudyResults

if TYPE_CHECKING:
    from .figures.figure import Figure

MOST_PAIRS = 40  # main pairs that a figure, the ranking and a protein's page show
MOST_BASELINES = 5  # beside so many
LEFT_OUT = "left out"  # the role of rows that must stay, as they give every encoder its colour
Pair = tuple[str, str]  # structure encoder, language model


def left_out(results: StudyResults) -> frozenset[Pair]:
    """Main pairs below the highest `MOST_PAIRS`, and then all but the highest baselines; none where there is room for all."""
    found = ranking(results)
    if len(found.main) <= MOST_PAIRS:
        return frozenset()
    rest = [*found.main[MOST_PAIRS:], *found.baselines[MOST_BASELINES:]]
    return frozenset((r.row["gdm"], r.row["llm"]) for r in rest)


def leading(results: StudyResults) -> StudyResults:
    """The study as if it had the pairs alone that a page has room for; itself where it has room for all."""
    out = left_out(results)
    if not out:
        return results
    return replace(results, questions={name: _without(question, out) for name, question in results.questions.items()})


def of_leading_pairs(describe: "Callable[[StudyResults], Figure]") -> "Callable[[StudyResults], Figure]":
    """A figure of pairs, of the highest alone where there are many; its subtitle then says so."""

    @wraps(describe)
    def described(results: StudyResults) -> "Figure":
        few = leading(results)
        figure = describe(few)
        if few is results:
            return figure
        return replace(figure, subtitle="; ".join(filter(None, [figure.subtitle, how_many(results)])))

    return described


def how_many(results: StudyResults) -> str:
    """`the 40 highest of 400 pairs`."""
    return f"the {count(MOST_PAIRS)} highest of {count(len(ranking(results).main))} pairs"


def said(results: StudyResults) -> str:
    """What the page leaves out, and which files have all, in two sentences; empty where it has all."""
    if not left_out(results):
        return ""
    return (
        f"The ranking, figures and the pages of proteins show {how_many(results)}; answers, tests and tables are of all. "
        "pairs.tsv and the folder analysis of the study have every pair and every comparison."
    )


def _without(question: Mapping[str, Any], out: Collection[Pair]) -> dict[str, Any]:
    """A question whose lists of pairs lack those; of a matrix with an order, the order does, and its tree falls."""
    parts: dict[str, Any] = {k: _kept(v, out) if isinstance(v, list) else v for k, v in question.items()}
    if question.get("order"):
        pairs = question["pairs"]
        order = [i for i in question["order"] if (pairs[i]["gdm"], pairs[i]["llm"]) not in out]
        parts |= {"pairs": pairs, "order": order, "linkage": []}
    return parts


def _kept(rows: list[Any], out: Collection[Pair]) -> list[Any]:
    found = []
    for row in rows:
        if not isinstance(row, Mapping) or (row.get("gdm"), row.get("llm")) not in out:
            found.append(row)
        elif "gdm_role" in row:
            found.append({**row, "gdm_role": LEFT_OUT})
    return found
