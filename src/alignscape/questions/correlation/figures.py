"""Which pairs score the same proteins high: a clustered heat map."""

from collections.abc import Mapping
from typing import Any

from ...report.figures.basis import basis
from ...report.figures.figure import Figure, Key, Matrix, Name
from ...report.figures.marks import Cell
from ...report.leading import of_leading_pairs
from ...report.numbers import fixed, interval
from ...report.palette import INK, MUTED, diverging, gdm_colours, ink_on
from ...report.results import StudyResults

SHADES = (-1.0, -0.5, 0.0, 0.5, 1.0)  # in the legend


@of_leading_pairs
def correlation(results: StudyResults) -> Figure:
    """Fig. 3a: Pearson's r between the pairs' matches, similar pairs side by side."""
    question, colours = results.questions["correlation"], gdm_colours(results.rows("pairs"))
    order = question["order"]
    cells = [[_cell(question, i, j) for j in order] for i in order]
    names = [_name(question["pairs"][i], colours) for i in order]
    legend = [Key(f"r = {fixed(r, 1)}", "cell", diverging(r)) for r in SHADES]
    panel = Matrix(names, cells, question.get("linkage") or (), order)
    return Figure("correlation", "Agreement between pairs", [panel], legend, subtitle=basis(results))


def _cell(question: Mapping[str, Any], a: int, b: int) -> Cell:
    r = question["r"][a][b]
    if r is None:
        return Cell("–")
    bounds = interval(question["low"][a][b], question["high"][a][b], 2) if a != b else ""
    tip = f"{_text(question['pairs'][a])} and {_text(question['pairs'][b])}: r = {fixed(r, 2)} {bounds}"
    tip += f"; given length {fixed(question['partial'][a][b], 2)}" if a != b else ""
    return Cell(_two_digits(r), diverging(r), ink_on(r), tip)


def _two_digits(r: float) -> str:
    text = fixed(r, 2)
    return text.replace("0.", ".", 1) if abs(r) < 0.995 else fixed(r, 0)


def _text(pair: dict[str, Any]) -> str:
    return f"{pair['gdm']} × {pair['llm']}" + (" (before training)" if pair["state"] == "untrained" else "")


def _name(pair: dict[str, Any], colours: dict[str, str]) -> Name:
    untrained = pair["state"] == "untrained"
    colour = MUTED if untrained else colours.get(pair["gdm"], INK)
    return Name(f"{pair['gdm']} × {pair['llm']}", colour, note="before training" if untrained else "")
