"""Two axes: lines over an axis, bars of a histogram, points of a few pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from ...markup import join, percent, tag
from ...palette import on_page
from ...scale import Scale
from ..figure import Plane
from ..marks import Bar, Curve, Line, Mark, Point
from .marks import DASHES, interval, shape, target


def plane(panel: Plane, *, label: str) -> Markup:
    """The frame with the marks in it."""
    frame = _Frame(*panel.scales(), panel.height)
    x_ticks, y_ticks = panel.x.labelled_ticks(frame.x), panel.y.labelled_ticks(frame.y, 4)
    line = panel.y.line(frame.y)
    grid = [frame.rule(y, text, line) for y, text in y_ticks]
    grid += [] if line is None else [frame.across(line, "zero")]
    marks = [frame.mark(mark) for mark in panel.marks]
    ticks = [frame.x_tick(x, text) for x, text in x_ticks]
    size = {"width": "100%", "height": panel.height + 20, "overflow": "visible"}
    picture = tag("svg", *grid, *marks, *ticks, **size, role="img", aria_label=label)
    titles = tag("div", panel.y.label, cls="y-title"), tag("div", panel.x.label, cls="axis-title")
    return tag("div", titles[0], tag("div", picture, cls="frame"), titles[1], cls="plane")


@dataclass(frozen=True)
class _Frame:
    """Places on the page: per cent of the width across, pixels down."""

    x: Scale
    y: Scale
    height: int

    def down(self, y: float) -> float:
        return self.height * (1 - self.y.percent(y) / 100)

    def rule(self, value: float, text: str, reference: float | None) -> Markup:
        label = tag("text", text, x=-7, y=self.down(value) + 4, text_anchor="end", cls="tick")
        return join(None if value == reference else self.across(value, "grid"), label)

    def across(self, value: float, cls: str) -> Markup:
        return tag("line", x1=0, x2="100%", y1=self.down(value), y2=self.down(value), cls=cls)

    def x_tick(self, value: float, text: str) -> Markup:
        x = percent(self.x.percent(value))
        label = tag("text", text, x=x, y=self.height + 16, text_anchor="middle", cls="tick")
        return join(tag("line", x1=x, x2=x, y1=self.height, y2=self.height + 4, cls="zero"), label)

    def mark(self, mark: Mark) -> Markup | None:
        if isinstance(mark, Point):
            return self.point(mark)
        if isinstance(mark, Line):
            return self.line(mark)
        if isinstance(mark, Bar):
            return self.bar(mark)
        return self.stroke(list(zip(mark.x, mark.y, strict=True)), mark.colour) if isinstance(mark, Curve) else None

    def point(self, point: Point) -> Markup:
        x, y, whisker = self.x.percent(point.x), self.down(point.y), None
        if point.low is not None and point.high is not None:
            whisker = interval((x, x), (self.down(point.low), self.down(point.high)), point.colour)
        mark = shape(point.shape, x, y, point.colour)
        return tag("g", whisker, mark, target(x, y) if point.tip else None, data_tip=point.tip)

    def line(self, line: Line) -> Markup:
        strokes = self.stroke([(p.x, p.y) for p in line.points], line.colour, line.dash)
        points = [self.point(point) for point in line.points]
        shift = f"translate({line.shift:g} 0)" if line.shift else None
        return tag("g", strokes, *points, transform=shift)

    def stroke(self, places: Sequence[tuple[float, float]], colour: str, dash: str = "solid") -> Markup:
        at = [(percent(self.x.percent(x)), self.down(y)) for x, y in places]
        style = f"stroke:{on_page(colour)};stroke-width:2"
        style += f";stroke-dasharray:{DASHES[dash]}" if DASHES[dash] else ""
        return join(*(tag("line", x1=a, y1=b, x2=c, y2=d, style=style) for (a, b), (c, d) in pairwise(at)))

    def bar(self, bar: Bar) -> Markup:
        left, right, top = self.x.percent(bar.left), self.x.percent(bar.right), self.down(bar.height)
        box = {"x": percent(left), "y": top, "width": percent(right - left), "height": self.height - top}
        return tag("rect", **box, style=f"fill:{on_page(bar.colour)}", cls="bar", data_tip=bar.tip)
