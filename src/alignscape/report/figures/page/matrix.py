"""Square matrices as tables: a number or a sign in every cell, its colour beside it, similar rows side by side."""

from itertools import pairwise

from markupsafe import Markup

from ...markup import percent, tag
from ...palette import on_page
from ..figure import Matrix
from ..marks import Cell
from .words import name

CELL = 27  # pixels, height of a row; the style sheet says the same


def matrix(panel: Matrix, *, label: str) -> Markup:
    """Rows with their names and numbers, columns with the numbers only, and the tree at the right."""
    tree = _tree(panel) if panel.linkage else None
    head = [tag("th", i + 1, scope="col") for i in range(len(panel.names))]
    top = tag("tr", tag("td", cls="corner"), *head, tag("td", cls="beside") if tree else None)
    rows = [_row(i, panel, tree if i == 0 else None) for i in range(len(panel.names))]
    table = tag("table", tag("caption", label, cls="unseen"), tag("thead", top), tag("tbody", *rows), cls="matrix")
    return tag("div", table, cls="scroll", tabindex=0, role="region", aria_label=label)


def _row(i: int, panel: Matrix, tree: Markup | None) -> Markup:
    label = tag("span", name(panel.names[i]), cls="label")
    head = tag("th", tag("span", i + 1, cls="index"), label, scope="row")
    last = tag("td", tree, rowspan=len(panel.names), cls="beside") if tree else None
    return tag("tr", head, *map(_cell, panel.cells[i]), last)


def _cell(cell: Cell) -> Markup:
    style = f"background:{on_page(cell.colour)};color:{on_page(cell.ink)}" if cell.colour else None
    return tag("td", cell.text, style=style, data_tip=cell.tip)


def _tree(panel: Matrix) -> Markup:
    lines = [
        tag("line", x1=percent(96 * a[0]), y1=CELL * a[1], x2=percent(96 * b[0]), y2=CELL * b[1])
        for branch in panel.branches()
        for a, b in pairwise(branch)
    ]
    return tag("svg", *lines, width="100%", height=CELL * len(panel.names), cls="tree", aria_hidden="true")
