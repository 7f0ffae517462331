"""Square matrices as tables: a number or a sign in every cell, its colour beside it, similar rows side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ..markup import percent, tag

CELL = 27  # pixels, height of a row; the style sheet says the same


@dataclass(frozen=True)
class Cell:
    """What a cell shows."""

    text: str
    background: str | None = None
    ink: str | None = None
    tip: str | None = None


def matrix(
    names: Sequence[Any], cell: Callable[[int, int], Cell], *, caption: str, beside: Markup | None = None
) -> Markup:
    """Rows with their names and numbers, columns with the numbers only. `beside` spans all rows at the right."""
    head = [tag("th", i + 1, scope="col") for i in range(len(names))]
    top = tag("tr", tag("th", cls="corner"), *head, tag("th", cls="beside") if beside else None)
    rows = [_row(i, names, cell, beside if i == 0 else None) for i in range(len(names))]
    table = tag("table", tag("caption", caption, cls="unseen"), tag("thead", top), tag("tbody", *rows), cls="matrix")
    return tag("div", table, cls="scroll", tabindex=0, role="region", aria_label=caption)


def _row(i: int, names: Sequence[Any], cell: Callable[[int, int], Cell], beside: Markup | None) -> Markup:
    name = tag("th", tag("span", i + 1, cls="index"), tag("span", names[i], cls="label"), scope="row")
    last = tag("td", beside, rowspan=len(names), cls="beside") if beside else None
    return tag("tr", name, *(_cell(cell(i, j)) for j in range(len(names))), last)


def _cell(cell: Cell) -> Markup:
    style = f"background:{cell.background};color:{cell.ink or 'inherit'}" if cell.background else None
    return tag("td", cell.text, style=style, data_tip=cell.tip)


def dendrogram(linkage: Sequence[Sequence[float]], order: Sequence[int]) -> Markup:
    """SciPy's linkage matrix as a tree to the right of the rows, leaves in `order`; joins at their distances."""
    n, top = len(order), max((row[2] for row in linkage), default=0) or 1
    place = {leaf: (CELL * (i + 0.5), 0.0) for i, leaf in enumerate(order)}  # cluster -> y, distance
    lines = []
    for i, (a, b, distance, *_) in enumerate(linkage):
        (y1, d1), (y2, d2) = place[int(a)], place[int(b)]
        x, x1, x2 = (percent(96 * d / top) for d in (distance, d1, d2))
        lines += [_line(x1, y1, x, y1), _line(x2, y2, x, y2), _line(x, y1, x, y2)]
        place[n + i] = ((y1 + y2) / 2, distance)
    return tag("svg", *lines, width="100%", height=CELL * n, cls="tree", aria_hidden="true")


def _line(x1: str, y1: float, x2: str, y2: float) -> Markup:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2)
