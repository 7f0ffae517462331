"""Single marks as SVG, at x in per cent of the axis and y in pixels, so that a drawing keeps its text size at any width."""

from markupsafe import Markup

from ...markup import percent, tag
from ...palette import on_page

_PATHS = {
    "diamond": "M0 -5.2L5.2 0L0 5.2L-5.2 0Z",
    "square": "M-4.2 -4.2H4.2V4.2H-4.2Z",
    "triangle": "M0 -5.4L5 3.8L-5 3.8Z",
    "wedge": "M0 5.4L5 -3.8L-5 -3.8Z",
    "plus": "M-1.7 -5H1.7V-1.7H5V1.7H1.7V5H-1.7V1.7H-5V-1.7H-1.7Z",
    "cross": "M-4.7 -2.4L-2.4 -4.7L0 -2.3L2.4 -4.7L4.7 -2.4L2.3 0L4.7 2.4L2.4 4.7L0 2.3L-2.4 4.7L-4.7 2.4L-2.3 0Z",
    "star": "M0 -5.8L1.5 -2L5.5 -1.8L2.4 0.8L3.4 4.7L0 2.5L-3.4 4.7L-2.4 0.8L-5.5 -1.8L-1.5 -2Z",
    "pentagon": "M0 -5.2L4.9 -1.6L3.1 4.2L-3.1 4.2L-4.9 -1.6Z",
}
DASHES = {"solid": "", "dashed": "6 4", "dotted": "1.5 3.5"}
REACH = 11  # pixels around a mark that answer to the pointer


def shape(kind: str, x: float, y: float, colour: str) -> Markup:
    """A mark of a kind at x (per cent) and y (pixels)."""
    colour = on_page(colour)
    if kind in _PATHS:
        inner = tag("path", d=_PATHS[kind], style=f"fill:{colour}")
        return tag("svg", inner, x=percent(x), y=y, overflow="visible", width=1, height=1)
    if kind == "tick":
        return tag("line", x1=percent(x), x2=percent(x), y1=y - 6, y2=y + 6, style=f"stroke:{colour};stroke-width:2")
    style = f"fill:{colour}" if kind == "dot" else f"fill:var(--paper);stroke:{colour};stroke-width:1.8"
    return tag("circle", cx=percent(x), cy=y, r=4.6 if kind == "dot" else 3.8, style=style)


def interval(x: tuple[float, float], y: tuple[float, float], colour: str) -> Markup:
    """The line of an interval, from x (per cent) and y (pixels) to x and y."""
    style = f"stroke:{on_page(colour)};stroke-width:2;opacity:.55"
    ends = {"x1": percent(x[0]), "x2": percent(x[1]), "y1": y[0], "y2": y[1]}
    return tag("line", **ends, style=style, cls="interval")


def target(x: float, y: float) -> Markup:
    """What catches the pointer around a small mark."""
    return tag("circle", cx=percent(x), cy=y, r=REACH, fill="transparent", cls="target")


def key(kind: str, colour: str) -> Markup:
    """A mark for a legend."""
    if kind == "cell":
        inner = tag("rect", width=14, height=12, y=1, style=f"fill:{on_page(colour)}")
    elif kind in DASHES:
        style = f"stroke:{on_page(colour)};stroke-width:2;stroke-dasharray:{DASHES[kind] or 'none'}"
        inner = tag("line", x1=-6, x2=20, y1=7, y2=7, style=style)
    else:
        inner = shape(kind, 50, 7.0, colour)
    return tag("svg", inner, width=16, height=14, cls="key line" if kind in DASHES else "key", aria_hidden="true")
