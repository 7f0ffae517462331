"""Rows of marks on one shared axis: a name, a track, a number. It keeps its text size at any width."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ..markup import join, percent, tag
from ..numbers import short
from ..scale import Scale, spanning

LANE = 14  # pixels


@dataclass(frozen=True)
class Mark:
    """One value, with its interval if it has one."""

    value: float | None
    low: float | None = None
    high: float | None = None
    shape: str = "dot"  # dot, ring, diamond, tick
    colour: str = "var(--ink)"
    lane: int = 0
    tip: str | None = None


@dataclass(frozen=True)
class Row:
    """One track. `text` is read aloud and printed at its end."""

    name: Any
    marks: Sequence[Mark] = ()
    text: Any = ""
    drawing: Markup | None = None  # anything else in the track, below the marks
    height: int | None = None
    starts_group: bool = False
    heading: str | None = None  # of a group, above its first row

    @property
    def track_height(self) -> int:
        return self.height or LANE * (1 + max((m.lane for m in self.marks), default=0)) + 10


def _diamond(x: float, y: float, style: str) -> Markup:
    inner = tag("path", d="M0 -5.2L5.2 0L0 5.2L-5.2 0Z", style=style)
    return tag("svg", inner, x=percent(x), y=y, overflow="visible", width=1, height=1)


def shape(kind: str, x: float, y: float, colour: str) -> Markup:
    """A mark of a kind at x (per cent) and y (pixels)."""
    if kind == "diamond":
        return _diamond(x, y, f"fill:{colour}")
    if kind == "tick":
        return tag("line", x1=percent(x), x2=percent(x), y1=y - 6, y2=y + 6, style=f"stroke:{colour};stroke-width:2")
    style = f"fill:{colour}" if kind == "dot" else f"fill:var(--paper);stroke:{colour};stroke-width:1.8"
    return tag("circle", cx=percent(x), cy=y, r=4.6 if kind == "dot" else 3.8, style=style)


def _mark(mark: Mark, scale: Scale) -> Markup | None:
    if mark.value is None:
        return None
    y = LANE * mark.lane + 5 + LANE / 2
    whisker = None
    if mark.low is not None and mark.high is not None:
        ends = {"x1": percent(scale.percent(mark.low)), "x2": percent(scale.percent(mark.high))}
        whisker = tag("line", **ends, y1=y, y2=y, style=f"stroke:{mark.colour};stroke-width:2;opacity:.55")
    target = tag("circle", cx=percent(scale.percent(mark.value)), cy=y, r=11, fill="transparent") if mark.tip else None
    return tag("g", whisker, shape(mark.shape, scale.percent(mark.value), y, mark.colour), target, data_tip=mark.tip)


def _grid(scale: Scale, ticks: Sequence[float], zero: float | None) -> Markup:
    def line(value: float) -> Markup:
        x = percent(scale.percent(value))
        return tag("line", x1=x, x2=x, y1=0, y2="100%", cls="zero" if value == zero else "grid")

    return join(*(line(tick) for tick in ticks))


def _row(row: Row, scale: Scale, grid: Markup) -> Markup:
    marks = join(*(_mark(m, scale) for m in row.marks))
    picture = tag("svg", grid, row.drawing, marks, width="100%", height=row.track_height, aria_hidden="true")
    cells = (tag("div", row.name, cls="name"), tag("div", picture, cls="track"), tag("div", row.text, cls="value"))
    heading = tag("div", row.heading, cls="heading") if row.heading else None
    return tag("div", heading, *cells, cls="row group" if row.starts_group else "row", role="listitem")


def _axis(scale: Scale, ticks: Sequence[float], title: str, form: Callable[[float], str]) -> Markup:
    labels = [tag("text", form(t), x=percent(scale.percent(t)), y=13, text_anchor="middle", cls="tick") for t in ticks]
    picture = tag("svg", *labels, width="100%", height=18)
    track = tag("div", picture, tag("div", title, cls="axis-title"), cls="track")
    return tag("div", tag("div", cls="name"), track, tag("div", cls="value"), cls="row axis", aria_hidden="true")


def tracks(
    rows: Sequence[Row],
    *,
    axis: str,
    scale: Scale | None = None,
    zero: float | None = 0.0,
    form: Callable[[float], str] = short,
    cls: str = "",
) -> Markup:
    """All rows over one axis. The axis spans every mark and `zero`, unless a scale is given."""
    values = [v for row in rows for m in row.marks for v in (m.value, m.low, m.high)]
    scale = scale or spanning(values, include=() if zero is None else (zero,))
    ticks = scale.ticks()
    grid = _grid(scale, ticks, zero)
    body = tag("div", *(_row(row, scale, grid) for row in rows), role="list")
    return tag("div", body, _axis(scale, ticks, axis, form), cls=f"tracks {cls}".strip())


def key(kind: str, colour: str = "var(--ink)") -> Markup:
    """A mark for a legend."""
    return tag("svg", shape(kind, 50, 7.0, colour), width=16, height=14, cls="key", aria_hidden="true")
