"""Clouds of points for the page's script: which columns of the packed proteins each one shows, and what to write beside it."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...payload import pack_scores
from ..axis import Axis
from ..figure import Figure, Plane
from ..marks import Cloud, Curve


def cloud_panels(figures: Iterable[Figure]) -> dict[str, Plane]:
    """The planes that hold a cloud, by the name that their canvas has on the page."""
    return {
        canvas_name(figure, i): panel
        for figure in figures
        for i, panel in enumerate(figure.panels)
        if isinstance(panel, Plane) and cloud_of(panel)
    }


def canvas_name(figure: Figure, number: int) -> str:
    """Of a panel of a figure."""
    return f"{figure.name}-{number}"


def cloud_of(panel: Plane) -> Cloud | None:
    """A plane's cloud."""
    return next((mark for mark in panel.marks if isinstance(mark, Cloud)), None)


@dataclass
class Columns:
    """Columns over all proteins of the page, each kept once; the first are the scores of the pairs."""

    ids: Sequence[str]
    packed: list[str]
    measures: list[str] = field(default_factory=list)
    _seen: Sequence[str] = ()  # ids of the cloud before, and their places
    _places: NDArray[np.int_] = field(default_factory=lambda: np.empty(0, dtype=int))

    def place(self, cloud: Cloud, values: Sequence[float | None]) -> int:
        """The number of the column of a cloud's x or y."""
        column = self._column(cloud, values)
        if not (np.abs(column) > 1).any() and (scores := pack_scores(column)) in self.packed:
            return self.packed.index(scores)
        text = pack_measures(column)
        if text not in self.measures:
            self.measures.append(text)
        return len(self.packed) + self.measures.index(text)

    def _column(self, cloud: Cloud, values: Sequence[float | None]) -> NDArray[np.float64]:
        """The cloud's values at the places of `ids`; NaN where there is none. A page may have left out some of its proteins."""
        if cloud.ids != self._seen:
            places = {i: k for k, i in enumerate(self.ids)}
            self._seen, self._places = cloud.ids, np.array([places.get(i, -1) for i in cloud.ids], dtype=int)
        column = np.full(len(self.ids), np.nan)
        here = self._places >= 0
        column[self._places[here]] = np.array(values, dtype=float)[here]
        return column


def pack_measures(values: NDArray[np.float64]) -> str:
    """Values as base64 of little-endian 32-bit floats."""
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def clouds(panels: Mapping[str, Plane], columns: Columns) -> dict[str, Any]:
    """What the script draws on each canvas, by the canvas's name. Adds to `columns` what is not there yet."""
    return {name: _one(panel, cloud, columns) for name, panel in panels.items() if (cloud := cloud_of(panel))}


def _one(panel: Plane, cloud: Cloud, columns: Columns) -> dict[str, Any]:
    x, y = panel.scales()
    curves = [{"x": list(c.x), "y": list(c.y), "colour": c.colour} for c in panel.marks if isinstance(c, Curve)]
    return {
        "colour": cloud.colour,
        "x": _axis(panel.x, x.low, x.high, columns.place(cloud, cloud.x), panel.x.labelled_ticks(x)),
        "y": _axis(panel.y, y.low, y.high, columns.place(cloud, cloud.y), panel.y.labelled_ticks(y, 4)),
        "curves": curves,
    }


def _axis(axis: Axis, low: float, high: float, column: int, ticks: Sequence[tuple[float, str]]) -> dict[str, Any]:
    ends = {"low": low, "high": high, "octaves": axis.octaves}
    return {"title": axis.label, "name": axis.title, **ends, "column": column, "ticks": list(ticks)}
