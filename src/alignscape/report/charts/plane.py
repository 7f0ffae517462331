"""Two axes: lines over an axis, bars of a histogram, points of a few pairs. It keeps its text size at any width."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from markupsafe import Markup

from ..markup import join, percent, tag
from ..numbers import short
from ..scale import Scale
from .tracks import shape


@dataclass(frozen=True)
class Point:
    """A value with its interval."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    tip: str | None = None
    shape: str = "dot"
    colour: str = "var(--ink)"


@dataclass(frozen=True)
class Line:
    """Points joined by a line; named at its right end if it has a name."""

    points: Sequence[Point]
    colour: str = "var(--ink)"
    dashed: bool = False
    name: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar from `left` to `right`, `height` tall."""

    left: float
    right: float
    height: float
    colour: str = "var(--bar)"
    tip: str | None = None


@dataclass(frozen=True)
class Plane:
    """A frame with two axes."""

    x: Scale
    y: Scale
    x_title: str
    y_title: str
    height: int = 260  # pixels
    x_ticks: Sequence[float] | None = None
    x_form: Callable[[float], str] = short
    y_form: Callable[[float], str] = short
    zero: float | None = None  # the y that gets a stronger line
    content: list[Markup] = field(default_factory=list)

    def up(self, y: float) -> float:
        """Pixels from the top for a value of y."""
        return self.height * (1 - self.y.percent(y) / 100)

    def html(self, *, label: str) -> Markup:
        """The frame with what was drawn into it."""
        grid = join(*(self._rule(t) for t in self.y.ticks(4)))
        ticks = join(*(self._x_tick(t) for t in (self.x.ticks() if self.x_ticks is None else self.x_ticks)))
        size = {"width": "100%", "height": self.height + 20, "overflow": "visible"}
        picture = tag("svg", grid, *self.content, ticks, **size, role="img", aria_label=label)
        titles = tag("div", self.y_title, cls="y-title"), tag("div", self.x_title, cls="axis-title")
        return tag("div", titles[0], tag("div", picture, cls="frame"), titles[1], cls="plane")

    def _rule(self, value: float) -> Markup:
        y = self.up(value)
        line = tag("line", x1=0, x2="100%", y1=y, y2=y, cls="zero" if value == self.zero else "grid")
        return join(line, tag("text", self.y_form(value), x=-7, y=y + 4, text_anchor="end", cls="tick"))

    def _x_tick(self, value: float) -> Markup:
        x = percent(self.x.percent(value))
        text = tag("text", self.x_form(value), x=x, y=self.height + 16, text_anchor="middle", cls="tick")
        return join(tag("line", x1=x, x2=x, y1=self.height, y2=self.height + 4, cls="zero"), text)

    def points(self, points: Sequence[Point]) -> None:
        """Draw points with their intervals."""
        self.content.extend(self._point(p) for p in points)

    def _point(self, point: Point) -> Markup:
        x, whisker = percent(self.x.percent(point.x)), None
        if point.low is not None and point.high is not None:
            style = f"stroke:{point.colour};stroke-width:2;opacity:.5"
            whisker = tag("line", x1=x, x2=x, y1=self.up(point.low), y2=self.up(point.high), style=style)
        target = tag("circle", cx=x, cy=self.up(point.y), r=11, fill="transparent") if point.tip else None
        mark = shape(point.shape, self.x.percent(point.x), self.up(point.y), point.colour)
        return tag("g", whisker, mark, target, data_tip=point.tip)

    def line(self, line: Line) -> None:
        """Draw a line through its points, and the points."""
        at = [(percent(self.x.percent(p.x)), self.up(p.y)) for p in line.points]
        style = f"stroke:{line.colour};stroke-width:2" + (";stroke-dasharray:5 4" if line.dashed else "")
        for (x1, y1), (x2, y2) in pairwise(at):
            self.content.append(tag("line", x1=x1, y1=y1, x2=x2, y2=y2, style=style))
        self.points(line.points)
        if line.name and at:
            x, y = at[-1]
            self.content.append(tag("text", line.name, x=x, y=y - 9, text_anchor="end", cls="direct"))

    def bars(self, bars: Sequence[Bar]) -> None:
        """Draw bars from the lower edge."""
        self.content.extend(self._bar(b) for b in bars)

    def _bar(self, bar: Bar) -> Markup:
        left, right = self.x.percent(bar.left), self.x.percent(bar.right)
        top = self.up(bar.height)
        box = {"x": percent(left), "y": top, "width": percent(right - left), "height": self.height - top}
        return tag("rect", **box, style=f"fill:{bar.colour}", cls="bar", data_tip=bar.tip)
