"""Rows of marks on one shared axis: a name, a track, a value."""

from collections.abc import Sequence

from markupsafe import Markup

from ...markup import join, percent, tag
from ...prose import prose
from ...scale import Scale
from ..figure import Row, Rows
from ..marks import Distribution, Estimate
from .marks import interval, shape, target
from .violin import violin
from .words import name

LANE = 14  # pixels
TALL = 46  # of a row with a distribution


def rows(panel: Rows) -> Markup:
    """All rows over one axis."""
    scale = panel.scale()
    ticks = panel.axis.labelled_ticks(scale)
    grid = _grid(scale, [place for place, _ in ticks], panel.axis.line(scale))
    head = tag("div", tag("div", prose(panel.value), cls="value"), cls="row head") if panel.value else None
    groups = [None, *(row.group for row in panel.rows)]
    body = [
        _row(row, scale, grid, new=row.group != before, headed=panel.headed)
        for before, row in zip(groups, panel.rows, strict=False)
    ]
    return tag("div", head, tag("div", *body, role="list"), _axis(scale, ticks, panel.axis.label), cls="tracks")


def height(row: Row) -> int:
    """Of a row's track, pixels."""
    return TALL if row.is_tall else LANE * row.lanes + 10


def _row(row: Row, scale: Scale, grid: Markup, *, new: bool, headed: bool) -> Markup:
    marks = [_mark(mark, scale, height(row)) for mark in row.marks]
    picture = tag("svg", grid, *marks, width="100%", height=height(row), aria_hidden="true")
    cells = (
        tag("div", name(row.name), cls="name"),
        tag("div", picture, cls="track"),
        tag("div", row.text, cls="value"),
    )
    heading = tag("div", row.group, cls="heading") if headed and new else None
    return tag("div", heading, *cells, cls="row group" if new else "row", role="listitem")


def _mark(mark: Estimate | Distribution, scale: Scale, tall: int) -> Markup | None:
    if isinstance(mark, Distribution):
        return violin(mark, scale, height=tall)
    if mark.value is None:
        return None
    x, y = scale.percent(mark.value), LANE * mark.lane + 5 + LANE / 2
    whisker = None
    if mark.low is not None and mark.high is not None:
        whisker = interval((scale.percent(mark.low), scale.percent(mark.high)), (y, y), mark.colour)
    return tag(
        "g", whisker, shape(mark.shape, x, y, mark.colour), target(x, y) if mark.tip else None, data_tip=mark.tip
    )


def _grid(scale: Scale, ticks: Sequence[float], reference: float | None) -> Markup:
    def line(value: float, cls: str) -> Markup:
        x = percent(scale.percent(value))
        return tag("line", x1=x, x2=x, y1=0, y2="100%", cls=cls)

    dashed = None if reference is None else line(reference, "zero")
    return join(*(line(tick, "grid") for tick in ticks if tick != reference), dashed)


def _axis(scale: Scale, ticks: Sequence[tuple[float, str]], title: str) -> Markup:
    labels = [
        tag("text", text, x=percent(scale.percent(t)), y=13, text_anchor="middle", cls="tick") for t, text in ticks
    ]
    picture = tag("svg", *labels, width="100%", height=18)
    track = tag("div", picture, tag("div", title, cls="axis-title"), cls="track")
    return tag("div", tag("div", cls="name"), track, tag("div", cls="value"), cls="row axis", aria_hidden="true")
