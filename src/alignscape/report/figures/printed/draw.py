"""Described figures as files for papers: SVG, PNG and PDF as wide as one or two columns of a page."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...palette import in_print
from ..figure import Figure, Key, Matrix, Panel, Plane, Rows
from . import matrix, plane, rows
from .marks import key
from .style import CHARACTER, INCH, WIDTHS, blank, note, save, style, wrapped

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

MOST_COLUMNS = 5  # of panels side by side
LINE = 3.6  # millimetres, of a line of text
NARROWEST = 34.0  # millimetres of a panel
MARGIN = 12.0  # millimetres of a panel's place for its ticks and its title up the page
KEY = 8.0  # millimetres of a mark in the legend


def draw_figures(figures: Iterable[Figure], out_dir: str | Path, *, columns: int | None = None) -> list[Path]:
    """Every figure as .svg, .png and .pdf under `out_dir`; one whose data are missing says so in words.

    columns: of a journal's page, 1 or 2, whatever the figures themselves ask for. Equal figures give equal bytes.
    """
    written = []
    for figure in (replace(f, columns=columns or f.columns) for f in figures):
        with style():
            paths = save(draw(figure), Path(out_dir) / figure.name, title=figure.title, caption=figure.caption)
            written.extend(paths)
    return written


def draw(figure: Figure) -> "Drawing":
    """One figure, to be called within `style`."""
    if figure.absent:
        return note(figure.absent, columns=figure.columns)
    width, panels = WIDTHS[figure.columns], figure.printed_panels
    grid, heights = _grid(panels, width)
    head = _head_height(figure, width)
    drawing = blank(width, head + sum(heights) + 2)
    body = 1 - head * INCH**-1 / drawing.get_figheight()
    drawing.set_layout_engine("constrained", rect=(0.004, 0, 0.992, body), h_pad=0.03, w_pad=0.03)
    axes = drawing.subplots(len(heights), grid, squeeze=False, height_ratios=heights).ravel()
    for place, panel in zip(axes, panels, strict=False):
        _panel(place, panel, width, beside=grid)
    for place in axes[len(panels) :]:
        place.axis("off")
    _quiet(list(axes), panels, grid)
    _head(drawing, figure, width)
    return drawing


def _grid(panels: Sequence[Panel], width: float) -> tuple[int, list[float]]:
    """How many panels stand side by side, and the height of each line of them in millimetres."""
    if not all(isinstance(panel, Plane) for panel in panels):
        return 1, [_height(panel, width, beside=1) for panel in panels]
    most = max(1, min(MOST_COLUMNS, len(panels), int(width // NARROWEST)))
    grid = min(range(most, 0, -1), key=lambda k: (-(-len(panels) // k) * k - len(panels), -k))
    grid = grid if grid > most // 2 else most  # rather an empty place than a long column
    lines = [panels[i : i + grid] for i in range(0, len(panels), grid)]
    return grid, [max(_height(panel, width, beside=grid) for panel in line) for line in lines]


def _height(panel: Panel, width: float, *, beside: int) -> float:
    if isinstance(panel, Rows):
        return rows.height(panel, width)
    return matrix.height(panel, width) if isinstance(panel, Matrix) else plane.height(panel, width / beside - MARGIN)


def _panel(axes: "Axes", panel: Panel, width: float, *, beside: int) -> None:
    if isinstance(panel, Rows):
        rows.draw(axes, panel, width=width)
    elif isinstance(panel, Matrix):
        matrix.draw(axes, panel, width=width)
    else:
        plane.draw(axes, panel, width=width / beside - MARGIN)
    if panel.title:
        title = " ".join(filter(None, (panel.title.text, panel.title.note)))
        lines = wrapped(title, width / beside - MARGIN)
        axes.set_title("\n".join(lines), pad=14 if isinstance(panel, Rows) and panel.value else 4)


def _quiet(axes: "list[Axes]", panels: Sequence[Panel], grid: int) -> None:
    """What panels beside and above one another say alike is said once."""
    planes = [panel for panel in panels if isinstance(panel, Plane)]
    if len(planes) < len(panels):
        return
    for i, place in enumerate(axes[: len(panels)]):
        if len({panel.y.label for panel in planes}) == 1 and i % grid:
            place.set_ylabel("")
        if len({panel.x.label for panel in planes}) == 1 and i + grid < len(panels):
            place.set_xlabel("")


def _legend_columns(entries: Sequence[Key], width: float) -> int:
    widest = max((len(entry.text) for entry in entries), default=0) * CHARACTER + KEY
    return max(1, min(len(entries), int(width // widest)))


def _legend_texts(entries: Sequence[Key], width: float) -> list[list[str]]:
    """The lines of each entry: one, unless it is wider than the figure."""
    return [wrapped(entry.text, width / _legend_columns(entries, width) - KEY) for entry in entries]


def _by_line(handles: "list[Artist]", columns: int) -> "list[Artist]":
    """In the order in which matplotlib, that fills column by column, sets them line by line."""
    return [handle for column in range(columns) for handle in handles[column::columns]]


def _head_height(figure: Figure, width: float) -> float:
    """Millimetres of title, subtitle and legend."""
    lines = len(wrapped(figure.title, width)) + len(wrapped(figure.subtitle, width))
    legend = -(-len(figure.legend) // _legend_columns(figure.legend, width)) if figure.legend else 0
    legend += sum(len(lines) - 1 for lines in _legend_texts(figure.legend, width))
    return LINE * (lines + legend) + (2.5 if legend else 1.5)


def _head(drawing: "Drawing", figure: Figure, width: float) -> None:
    """Title, what the figure rests on, and the legend, above the panels."""
    tall = drawing.get_figheight() * INCH
    title, subtitle = wrapped(figure.title, width), wrapped(figure.subtitle, width)
    looks = [{"weight": "bold"}] * len(title) + [{"color": in_print("muted")}] * len(subtitle)
    for i, (line, look) in enumerate(zip(title + subtitle, looks, strict=True)):
        drawing.text(1.2 / width, 1 - (1 + LINE * i) / tall, line, va="top", **look)
    if figure.legend:
        texts = ["\n".join(lines) for lines in _legend_texts(figure.legend, width)]
        handles = [key(entry.shape, entry.colour, text) for entry, text in zip(figure.legend, texts, strict=True)]
        handles = _by_line(handles, _legend_columns(figure.legend, width))
        place = (0, 1 - (0.6 + LINE * len(looks)) / tall)
        spaces = {"handletextpad": 0.4, "columnspacing": 1.4, "borderaxespad": 0.2, "labelspacing": 0.45}
        columns = _legend_columns(figure.legend, width)
        legend = drawing.legend(handles=handles, loc="upper left", bbox_to_anchor=place, ncols=columns, **spaces)
        legend.set_in_layout(False)
