"""A figure's description: panels of marks on axes, and the words around them. Two renderers draw it, `page` and `printed`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..palette import INK
from ..scale import Scale
from .axis import Axis
from .marks import Bar, Cell, Curve, Distribution, Estimate, Line, Mark, Point


@dataclass(frozen=True)
class Name:
    """What a row or a panel is called."""

    text: str
    colour: str | None = None  # of a dot before it
    strong: bool = False
    note: str = ""  # beside it, in plain letters


@dataclass(frozen=True)
class Row:
    """A name, marks on the panel's axis, and a value in words at the end."""

    name: Name
    marks: Sequence[Estimate | Distribution] = ()
    text: str = ""
    group: str = ""  # a thin line divides rows of different groups

    @property
    def lanes(self) -> int:
        """How many marks may lie below one another."""
        return 1 + max((m.lane for m in self.marks if isinstance(m, Estimate)), default=0)

    @property
    def is_tall(self) -> bool:
        """Whether the row needs room for a distribution."""
        return any(isinstance(m, Distribution) for m in self.marks)


@dataclass(frozen=True)
class Rows:
    """Rows over one shared axis."""

    rows: Sequence[Row]
    axis: Axis
    value: str = ""  # head of the words at the end of the rows
    headed: bool = False  # groups have their names above them
    title: Name | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)  # label of a choice -> the option that shows this panel

    def scale(self) -> Scale:
        """The axis over all marks."""
        marks = [m for row in self.rows for m in row.marks]
        values = [v for m in marks if isinstance(m, Estimate) for v in (m.value, m.low, m.high)]
        return self.axis.scale([*values, *(v for m in marks if isinstance(m, Distribution) for v in m.values)])


@dataclass(frozen=True)
class Plane:
    """Marks on two axes."""

    x: Axis
    y: Axis
    marks: Sequence[Mark] = ()
    height: int = 260  # pixels on the page
    title: Name | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)

    def scales(self) -> tuple[Scale, Scale]:
        """Both axes over all marks; bars stand on 0."""
        places = [place for mark in self.marks for place in _places(mark)]
        x, y = self.x.scale(x for x, _ in places), self.y.scale(y for _, y in places)
        return x, Scale(0.0, y.high) if any(isinstance(mark, Bar) for mark in self.marks) else y


@dataclass(frozen=True)
class Matrix:
    """A square of cells, rows and columns in the same order; columns bear the numbers of the rows."""

    names: Sequence[Name]
    cells: Sequence[Sequence[Cell]]
    linkage: Sequence[Sequence[float]] = ()  # SciPy's, of a tree beside the rows
    order: Sequence[int] = ()  # the tree's leaf at each row
    title: Name | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)

    def branches(self) -> list[list[tuple[float, float]]]:
        """The tree's lines as (distance as a share of the largest, row), row 0.5 being the middle of the first."""
        top = max((row[2] for row in self.linkage), default=0) or 1
        place = {leaf: (0.0, i + 0.5) for i, leaf in enumerate(self.order)}
        lines = []
        for i, (a, b, distance, *_) in enumerate(self.linkage):
            (d1, y1), (d2, y2), d = place[int(a)], place[int(b)], distance / top
            lines.append([(d1, y1), (d, y1), (d, y2), (d2, y2)])
            place[len(self.order) + i] = (d, (y1 + y2) / 2)
        return lines


Panel = Rows | Plane | Matrix


@dataclass(frozen=True)
class Key:
    """A line of the legend."""

    text: str
    shape: str = "dot"  # as of marks; or cell, or a line: solid, dashed, dotted
    colour: str = INK


@dataclass(frozen=True)
class Choice:
    """What the page lets its reader choose; print draws every option, or only the first."""

    label: str
    options: Sequence[str]
    print_all: bool = True


@dataclass(frozen=True)
class Figure:
    """A figure, described once."""

    name: str  # of its files
    title: str
    panels: Sequence[Panel] = ()
    legend: Sequence[Key] = ()
    choices: Sequence[Choice] = ()
    subtitle: str = ""  # what it rests on
    caption: str = ""
    columns: int = 2  # of a journal's page: 1 (85 mm) or 2 (178 mm)
    absent: str = ""  # why there is nothing to draw

    @property
    def printed_panels(self) -> list[Panel]:
        """The panels that print draws."""
        first = {c.label: c.options[0] for c in self.choices if not c.print_all}
        return [p for p in self.panels if all(p.chosen.get(label, o) == o for label, o in first.items())]


def _places(mark: Mark) -> Iterator[tuple[float | None, float | None]]:
    """Every (x, y) that a mark needs on the axes; None where it needs one axis only."""
    if isinstance(mark, Line):
        for point in mark.points:
            yield from _places(point)
    elif isinstance(mark, Point):
        yield from ((mark.x, y) for y in (mark.y, mark.low, mark.high))
    elif isinstance(mark, Curve):
        yield from zip(mark.x, mark.y, strict=True)
    elif isinstance(mark, Bar):
        yield from ((mark.left, mark.height), (mark.right, 0.0))
    else:
        yield from ((x, y) for _, x, y in mark.known)
