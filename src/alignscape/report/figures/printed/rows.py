"""Rows of marks on one axis: names at the left, values in words at the right."""

from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from ...palette import in_print
from ..distribution import box, outline, points
from ..figure import Row, Rows
from ..marks import Distribution, Estimate
from .marks import REFERENCE, interval, shape
from .style import shown, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LANE, BETWEEN, TALL, HEADING = 2.5, 1.7, 8.0, 4.5  # millimetres; the axis down the page counts in them
LINE = 3.0  # millimetres of a line of a name
FURNITURE = 9.0  # millimetres of the axis below
CHARACTER, CHARACTER_MM = 4.3, 1.52  # the width of a digit in points and in millimetres
BOLD = 0.88  # how many bold characters stand in the place of so many
NAMES, WORDS = 0.4, 0.62  # of the width: what names may take, and what names and values may; else values are left out


def height(panel: Rows, width: float) -> float:
    """Millimetres of the whole panel where the figure is so many millimetres wide."""
    return (
        sum(_heights(panel, _names(panel, width), width))
        + FURNITURE
        + (HEADING if panel.value else 0)
        + (HEADING if panel.title else 0)
    )


def draw(axes: "Axes", panel: Rows, *, width: float) -> None:
    """Every row, and the axis, in a figure of so many millimetres."""
    scale, names = panel.scale(), _names(panel, width)
    heights = _heights(panel, names, width)
    ends = list(accumulate(heights))
    middles = [end - _height(row, name) / 2 for end, row, name in zip(ends, panel.rows, names, strict=True)]
    _frame(axes, panel, middles, names, bottom=ends[-1] if ends else 1.0, width=width)
    axes.set_xlim(scale.low, scale.high)
    ticks = panel.axis.labelled_ticks(scale)
    axes.set_xticks([place for place, _ in ticks], [text for _, text in ticks])
    if (line := panel.axis.line(scale)) is not None:
        axes.axvline(line, **REFERENCE)
    for row, middle in zip(panel.rows, middles, strict=True):
        for mark in row.marks:
            _mark(axes, row, mark, middle)
    _groups(axes, panel, [end - height for end, height in zip(ends, heights, strict=True)], width)


def _names(panel: Rows, width: float) -> list[list[str]]:
    """The lines of each row's name."""
    return [wrapped(" ".join(filter(None, (row.name.text, row.name.note))), NAMES * width) for row in panel.rows]


def _height(row: Row, name: list[str]) -> float:
    return max(TALL if row.is_tall else LANE * row.lanes + BETWEEN, LINE * len(name) + 0.6)


def _starts(panel: Rows) -> list[bool]:
    """Whether a row begins a group."""
    groups = [row.group for row in panel.rows]
    return [i == 0 or groups[i - 1] != group for i, group in enumerate(groups)]


def _heights(panel: Rows, names: list[list[str]], width: float) -> list[float]:
    headed = [panel.headed and new for new in _starts(panel)]
    heads = [_head(row, width)[1] if head else 0.0 for row, head in zip(panel.rows, headed, strict=True)]
    return [_height(row, name) + head for row, name, head in zip(panel.rows, names, heads, strict=True)]


def _head(row: Row, width: float) -> tuple[str, float]:
    """The heading of the row's group in lines as wide as the figure, and its millimetres."""
    lines = wrapped(row.group, BOLD * width)
    return "\n".join(lines), HEADING + LINE * (len(lines) - 1)


def _frame(
    axes: "Axes", panel: Rows, middles: list[float], names: list[list[str]], *, bottom: float, width: float
) -> None:
    axes.set_ylim(bottom, 0)
    axes.set_yticks(middles, ["\n".join(lines) for lines in names])
    axes.tick_params(axis="y", length=0, labelcolor=in_print("ink"))
    axes.grid(axis="x")
    axes.set_xlabel(panel.axis.label)
    longest = max((len(line) for lines in names for line in lines), default=0)
    values = [(-HEADING / 2, panel.value), *((y, row.text) for y, row in zip(middles, panel.rows, strict=True))]
    widest = max(len(text) for _, text in values)
    for y, text in values if CHARACTER_MM * (longest + widest) <= WORDS * width else ():
        _aside(axes, y, text, characters=widest)
    for label, row in zip(axes.get_yticklabels(), panel.rows, strict=True):
        label.set_fontweight("bold" if row.name.strong else "normal")


def _aside(axes: "Axes", y: float, text: str, *, characters: int) -> None:
    """A value in words, set to the right in a column of so many characters."""
    if text:
        place = {
            "xycoords": axes.get_yaxis_transform(),
            "xytext": (CHARACTER * characters, 0),
            "textcoords": "offset points",
        }
        axes.annotate(
            shown(text), (1, y), **place, va="center", ha="right", color=in_print("muted"), annotation_clip=False
        )


def _groups(axes: "Axes", panel: Rows, tops: list[float], width: float) -> None:
    for i, (row, top, new) in enumerate(zip(panel.rows, tops, _starts(panel), strict=True)):
        if new and i:
            axes.axhline(top, color=in_print("faint"), lw=0.6)
        if new and panel.headed:
            head, tall = _head(row, width)
            place = {"xycoords": ("figure fraction", "data"), "va": "center", "annotation_clip": False}
            axes.annotate(head, (1.2 / width, top + tall / 2), **place, weight="bold").set_in_layout(False)


def _mark(axes: "Axes", row: Row, mark: Estimate | Distribution, middle: float) -> None:
    if isinstance(mark, Distribution):
        _violin(axes, mark, middle)
    elif mark.value is not None:
        y = middle + LANE * (mark.lane - (row.lanes - 1) / 2)
        if mark.low is not None and mark.high is not None:
            interval(axes, (mark.low, mark.high), (y, y), mark.colour)
        shape(axes, mark.value, y, mark.shape, mark.colour)


def _violin(axes: "Axes", mark: Distribution, middle: float) -> None:
    values, colour, ink = np.asarray(mark.values, dtype=float), in_print(mark.colour), in_print("ink")
    if found := outline(values):
        half = 0.46 * TALL * found[1]
        look = {"facecolor": colour, "edgecolor": colour, "alpha": 0.25, "lw": 0.6}
        axes.fill_between(found[0], middle - half, middle + half, **look)
    drawn = points(mark)
    y = [middle + TALL * lift / 2 for _, lift, _ in drawn]
    axes.scatter([value for value, _, _ in drawn], y, s=3, lw=0, color=colour, alpha=0.6)
    b = box(values)
    axes.plot([b.low, b.high], [middle, middle], color=ink, lw=0.7)
    axes.barh(middle, b.q3 - b.q1, 1.8, b.q1, fc="white", ec=ink, lw=0.7, alpha=0.85, zorder=2.1)
    axes.plot([b.median, b.median], [middle - 0.9, middle + 0.9], color=ink, lw=1.4, zorder=2.2)
