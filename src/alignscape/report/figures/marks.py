"""What stands for a value in a figure. A mark holds data; how it looks on the page and in print is the renderers' matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..palette import BAR, INK

# The shapes that both renderers know; a ring is an open dot, a wedge a triangle upside down, a tick a short line.
SHAPES = ("dot", "diamond", "ring", "square", "triangle", "wedge", "plus", "cross", "star", "pentagon")


@dataclass(frozen=True)
class Estimate:
    """One value on a row's axis, with its interval if it has one."""

    value: float | None
    low: float | None = None
    high: float | None = None
    shape: str = "dot"  # one of SHAPES, or tick
    colour: str = INK
    lane: int = 0  # lanes of a row lie below one another
    tip: str | None = None


@dataclass(frozen=True)
class Distribution:
    """The values of many proteins on a row's axis: their shape, box and points."""

    values: Sequence[float]
    ids: Sequence[str]  # of the proteins, for links
    colour: str = INK


@dataclass(frozen=True)
class Point:
    """A value of y at x, with its interval if it has one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    shape: str = "dot"
    colour: str = INK
    tip: str | None = None


@dataclass(frozen=True)
class Line:
    """Points joined by a line."""

    points: Sequence[Point]
    colour: str = INK
    dash: str = "solid"  # or dashed, dotted
    shift: float = 0.0  # to the right, in points of print or pixels, so that intervals at one x lie side by side


@dataclass(frozen=True)
class Curve:
    """A line through many places without marks, as a fit."""

    x: Sequence[float]
    y: Sequence[float]
    colour: str = INK


@dataclass(frozen=True)
class Bar:
    """One bar from `left` to `right`, `height` tall."""

    left: float
    right: float
    height: float
    colour: str = BAR
    tip: str | None = None


@dataclass(frozen=True)
class Cloud:
    """A point for each protein, of which there may be many thousands; one without x or y is not drawn.

    ids, x, y: of equal length. On the page a point says its protein's name and leads to the protein's page.
    """

    ids: Sequence[str]
    x: Sequence[float | None]
    y: Sequence[float | None]
    colour: str = INK

    @cached_property
    def known(self) -> list[tuple[str, float, float]]:
        """Id, x and y of the proteins that have both."""
        triples = zip(self.ids, self.x, self.y, strict=True)
        return [(i, x, y) for i, x, y in triples if x is not None and y is not None]


@dataclass(frozen=True)
class Cell:
    """One cell of a matrix."""

    text: str
    colour: str = ""  # of its ground; none if empty
    ink: str = INK
    tip: str | None = None


Mark = Point | Line | Curve | Bar | Cloud
