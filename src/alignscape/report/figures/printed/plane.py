"""Marks on two axes."""

from typing import TYPE_CHECKING, Any

from ...palette import in_print
from ..figure import Plane
from ..marks import Bar, Cloud, Curve, Line, Mark, Point
from .marks import DASHES, REFERENCE, interval, shape
from .style import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PIXEL = 0.2  # millimetres of print for one of the page
FURNITURE = 11.0  # millimetres of the axis below
LINE = 3.0  # millimetres of a line of its title
LOWEST = 24.0  # millimetres of a panel's axis up the page, if it is not lower on the page too
WIDE = 40.0  # millimetres that have room for five ticks
MANY = 2000  # points that are drawn as a picture, also in SVG and PDF


def height(panel: Plane, width: float) -> float:
    """Millimetres of the whole panel, which is so many millimetres wide."""
    more = len(wrapped(panel.x.label, width)) - 1
    return _inside(panel, width) + FURNITURE + LINE * more + (7 if panel.title else 0)


def _inside(panel: Plane, width: float) -> float:
    """Millimetres between both ends of the axis up the page: a narrow panel is about as tall as wide."""
    return min(panel.height * PIXEL, max(LOWEST, 0.9 * width))


def draw(axes: "Axes", panel: Plane, *, width: float) -> None:
    """Both axes and every mark, in so many millimetres."""
    x, y = panel.scales()
    if x.octaves:
        axes.set_xscale("log")
    axes.set_xlim(x.low, x.high)
    axes.set_ylim(y.low, y.high)
    for place, axis, scale, about in ((axes.xaxis, panel.x, x, 4 if width > WIDE else 2), (axes.yaxis, panel.y, y, 4)):
        ticks = axis.labelled_ticks(scale, about)
        place.set_ticks([t for t, _ in ticks], [text for _, text in ticks])
        place.set_label_text("\n".join(wrapped(axis.label, width if axis is panel.x else _inside(panel, width))))
        place.set_tick_params(which="minor", length=0, labelsize=0)
    axes.minorticks_off()
    axes.grid(axis="y")
    if (line := panel.y.line(y)) is not None:
        axes.axhline(line, **REFERENCE)
    for mark in panel.marks:
        _mark(axes, mark)


def _mark(axes: "Axes", mark: Mark) -> None:
    if isinstance(mark, Point):
        _point(axes, mark)
    elif isinstance(mark, Line):
        _line(axes, mark)
    elif isinstance(mark, Bar):
        look = {"align": "edge", "color": in_print(mark.colour), "ec": in_print("paper"), "lw": 0.5}
        axes.bar(mark.left, mark.height, mark.right - mark.left, **look)
    elif isinstance(mark, Curve):
        axes.plot(mark.x, mark.y, color=in_print(mark.colour), lw=1)
    else:
        _cloud(axes, mark)


def _point(axes: "Axes", point: Point, **more: Any) -> None:
    if point.low is not None and point.high is not None:
        interval(axes, (point.x, point.x), (point.low, point.high), point.colour, **more)
    shape(axes, point.x, point.y, point.shape, point.colour, **more)


def _line(axes: "Axes", line: Line) -> None:
    from matplotlib.transforms import ScaledTranslation

    figure = axes.get_figure(root=True)
    assert figure is not None
    moved = {"transform": axes.transData + ScaledTranslation(line.shift / 72, 0, figure.dpi_scale_trans)}
    x, y = [p.x for p in line.points], [p.y for p in line.points]
    axes.plot(x, y, ls=DASHES[line.dash], color=in_print(line.colour), lw=1.2, **moved)
    for point in line.points:
        _point(axes, point, **moved)


def _cloud(axes: "Axes", cloud: Cloud) -> None:
    known = cloud.known
    many = len(known) > MANY
    look = {"s": 3 if many else 6, "lw": 0, "color": in_print(cloud.colour), "alpha": 0.35 if many else 0.6}
    axes.scatter([x for _, x, _ in known], [y for _, _, y in known], rasterized=many, **look)
