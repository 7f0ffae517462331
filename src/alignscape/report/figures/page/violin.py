"""A lying violin with its box and points: the shape of a distribution in one track."""

import numpy as np
from markupsafe import Markup

from ...markup import join, percent, tag
from ...palette import on_page
from ...scale import Scale
from ..distribution import Box, box, outline, points
from ..marks import Distribution


def violin(mark: Distribution, scale: Scale, *, height: int) -> Markup:
    """Shape, box and points of a distribution on `scale`."""
    values, colour = np.asarray(mark.values, dtype=float), on_page(mark.colour)
    return join(_shape(values, scale, colour), _points(mark, scale, colour, height), _box(box(values), scale, height))


def _shape(values: np.ndarray, scale: Scale, colour: str) -> Markup | None:
    if (found := outline(values)) is None:
        return None
    xs, half = [scale.percent(x) for x in found[0]], 46 * found[1]
    there = [f"{x:.2f} {50 - h:.1f}" for x, h in zip(xs, half, strict=True)]
    back = [f"{x:.2f} {50 + h:.1f}" for x, h in zip(xs[::-1], half[::-1], strict=True)]
    path = tag("path", d="M" + "L".join(there + back) + "Z", style=f"fill:{colour};fill-opacity:.2;stroke:{colour}")
    return tag("svg", path, viewBox="0 0 100 100", preserveAspectRatio="none", width="100%", height="100%", cls="shape")


def _box(found: Box, scale: Scale, height: int) -> Markup:
    low, left, x, right, high = (scale.percent(v) for v in (found.low, found.q1, found.median, found.q3, found.high))
    y = height / 2
    whisker = tag("line", x1=percent(low), x2=percent(high), y1=y, y2=y, cls="whisker")
    frame = tag("rect", x=percent(left), width=percent(right - left), y=y - 5, height=10, rx=2, cls="box")
    return join(whisker, frame, tag("line", x1=percent(x), x2=percent(x), y1=y - 5, y2=y + 5, cls="median"))


def _points(mark: Distribution, scale: Scale, colour: str, height: int) -> Markup:
    dots = [
        tag("circle", cx=percent(scale.percent(v)), cy=height * (0.5 + y / 2), r=2.1, data_id=i, data_v=f"{v:.3f}")
        for v, y, i in points(mark)
    ]
    return tag("g", *dots, style=f"fill:{colour}", cls="points")
