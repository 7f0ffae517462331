"""A figure's numbers as a table, for a file beside its drawing."""

from collections.abc import Iterator
from typing import Any

from .figure import Figure, Matrix, Name, Panel, Plane, Rows
from .marks import Bar, Cloud, Curve, Estimate, Line, Mark, Point

COLUMNS = ("panel", "name", "mark", "x", "value", "low", "high")


def figure_table(figure: Figure) -> dict[str, Any] | None:
    """`columns` and `rows` of what is drawn; None for a figure of proteins, whose numbers the table of proteins has.

    mark: the legend's words for a mark's shape. x: what stands across, of a bar its range. A cell of a matrix has its
    column's name there and its own word as value.
    """
    if any(_of_proteins(panel) for panel in figure.panels):
        return None
    words = {key.shape: key.text for key in reversed(figure.legend)}
    rows = [[_text(panel.title), *row] for panel in figure.panels for row in _rows(panel, words)]
    return {"columns": COLUMNS, "rows": rows}


def _of_proteins(panel: Panel) -> bool:
    if isinstance(panel, Rows):
        return any(row.is_tall for row in panel.rows)
    return isinstance(panel, Plane) and any(isinstance(mark, Cloud) for mark in panel.marks)


def _rows(panel: Panel, words: dict[str, str]) -> Iterator[list[Any]]:
    if isinstance(panel, Rows):
        for row in panel.rows:
            for mark in row.marks:
                if isinstance(mark, Estimate):
                    name = " · ".join(filter(None, (row.group if panel.headed else "", _text(row.name))))
                    yield [name, words.get(mark.shape, mark.shape), None, mark.value, mark.low, mark.high]
    elif isinstance(panel, Matrix):
        for down, cells in zip(panel.names, panel.cells, strict=True):
            for across, cell in zip(panel.names, cells, strict=True):
                yield [_text(down), "", _text(across), cell.text, None, None]
    else:
        for drawn in panel.marks:
            yield from _marks(drawn, words)


def _marks(mark: Mark, words: dict[str, str]) -> Iterator[list[Any]]:
    if isinstance(mark, Point):
        yield [mark.tip or "", words.get(mark.shape, mark.shape), mark.x, mark.y, mark.low, mark.high]
    elif isinstance(mark, Line):
        for point in mark.points:
            yield [point.tip or "", words.get(mark.dash, mark.dash), point.x, point.y, point.low, point.high]
    elif isinstance(mark, Bar):
        yield [mark.tip or "", "bar", f"{mark.left:g} to {mark.right:g}", mark.height, None, None]
    elif isinstance(mark, Curve):
        yield from (["", "curve", x, y, None, None] for x, y in zip(mark.x, mark.y, strict=True))


def _text(name: Name | None) -> str:
    return " ".join(filter(None, (name.text, name.note))) if name else ""
