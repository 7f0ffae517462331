"""A lying violin with its box and points: the shape of a distribution in one track."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ..markup import join, percent, tag
from ..scale import Scale

MOST_POINTS = 220  # drawn; the shape and the box are of all
GRID = 72


def violin(values: NDArray[np.float64], ids: Sequence[str], scale: Scale, *, colour: str, height: int) -> Markup:
    """Shape, box (quartiles, whiskers to 1.5 times their distance) and points of `values` (n,) on `scale`.

    Of more than MOST_POINTS proteins, evenly many over the ranks are drawn as points.
    """
    parts = (_shape(values, scale, colour), _points(values, ids, scale, colour, height), _box(values, scale, height))
    return join(*parts)


def density(values: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gaussian kernel density (m,) of `values` (n,) at `at` (m,), Silverman's bandwidth; from a fine histogram."""
    spread = min(values.std(ddof=1), np.subtract(*np.percentile(values, [75, 25])) / 1.349) or values.std(ddof=1)
    width = 0.9 * spread * len(values) ** -0.2
    if not width > 0:
        return np.zeros_like(at)
    counts, edges = np.histogram(values, bins=512)
    centres = (edges[1:] + edges[:-1]) / 2
    kernel = np.exp(-0.5 * ((at[:, None] - centres) / width) ** 2)  # (m, 512)
    return kernel @ counts / (len(values) * width * np.sqrt(2 * np.pi))


def _shape(values: NDArray[np.float64], scale: Scale, colour: str) -> Markup | None:
    if len(values) < 5:
        return None
    at = np.linspace(values.min(), values.max(), GRID)
    half = density(values, at)
    if not half.max() > 0:
        return None
    half = 46 * half / half.max()
    xs = [scale.percent(x) for x in at]
    there = [f"{x:.2f} {50 - h:.1f}" for x, h in zip(xs, half, strict=True)]
    back = [f"{x:.2f} {50 + h:.1f}" for x, h in zip(xs[::-1], half[::-1], strict=True)]
    path = tag("path", d="M" + "L".join(there + back) + "Z", style=f"fill:{colour};fill-opacity:.2;stroke:{colour}")
    return tag("svg", path, viewBox="0 0 100 100", preserveAspectRatio="none", width="100%", height="100%", cls="shape")


def _box(values: NDArray[np.float64], scale: Scale, height: int) -> Markup:
    q1, median, q3 = np.percentile(values, [25, 50, 75])
    inside = values[(values >= q1 - 1.5 * (q3 - q1)) & (values <= q3 + 1.5 * (q3 - q1))]
    middle = height / 2
    ends = [percent(scale.percent(v)) for v in (inside.min(), inside.max())]
    left, right, x = (scale.percent(v) for v in (q1, q3, median))
    whisker = tag("line", x1=ends[0], x2=ends[1], y1=middle, y2=middle, cls="whisker")
    box = tag("rect", x=percent(left), width=percent(right - left), y=middle - 5, height=10, rx=2, cls="box")
    return join(whisker, box, tag("line", x1=percent(x), x2=percent(x), y1=middle - 5, y2=middle + 5, cls="median"))


def _points(values: NDArray[np.float64], ids: Sequence[str], scale: Scale, colour: str, height: int) -> Markup:
    order = np.argsort(values, kind="stable")
    if len(order) > MOST_POINTS:
        order = order[np.linspace(0, len(order) - 1, MOST_POINTS).round().astype(int)]
    room = density(values, values[order]) if len(values) >= 5 else np.ones(len(order))
    lift = np.random.default_rng(len(values)).uniform(-0.4, 0.4, len(order)) * room / (room.max() or 1)
    lift = height * (0.5 + lift)
    dots = [
        tag(
            "circle",
            cx=percent(scale.percent(values[i])),
            cy=float(y),
            r=2.1,
            data_id=ids[i],
            data_v=f"{values[i]:.3f}",
        )
        for i, y in zip(order, lift, strict=True)
    ]
    return tag("g", *dots, style=f"fill:{colour}", cls="points")
