"""An axis: what it shows in which unit, where it begins and ends, and where its ticks are."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..numbers import short
from ..scale import Scale, spanning

_LINEAR, _OCTAVES = 0.04, 0.12  # margins
_ROUND = [m * 10.0**k for k in range(-6, 9) for m in (1, 3)]  # ticks of a logarithmic axis
_NEAR = 1.5  # an axis begins at a tick that is so near, so that points left of the first tick are few


@dataclass(frozen=True)
class Axis:
    """Both renderers take limits and ticks from here, so that page and print show the same axis."""

    title: str
    unit: str = ""
    low: float | None = None  # with `high`; from the values if absent
    high: float | None = None
    octaves: bool = False  # logarithmic
    ticks: Sequence[float] | None = None  # round values if absent
    form: Callable[[float], str] = short  # how a tick is written
    reference: float | None = None  # the value that gets a dashed line
    holds: Sequence[float] = ()  # values that lie on the axis whatever the data
    margin: float | None = None  # beyond the outermost values: a share of their distance, or of themselves on octaves

    @property
    def label(self) -> str:
        """Title and unit."""
        return f"{self.title}, {self.unit}" if self.unit else self.title

    def scale(self, values: Iterable[float | None]) -> Scale:
        """The axis over these values."""
        if self.low is not None and self.high is not None:
            return Scale(self.low, self.high, octaves=self.octaves)
        if not self.octaves:
            return spanning(values, include=tuple(self.holds), margin=_LINEAR if self.margin is None else self.margin)
        known = [v for v in values if v is not None and v > 0 and math.isfinite(v)] or [1.0]
        beyond = 1 + (_OCTAVES if self.margin is None else self.margin)
        low, tick = min(known) / beyond, max((t for t in _ROUND if t <= min(known)), default=0.0)
        near = self.ticks is None and tick > low / _NEAR
        return Scale(min(low, tick) if near else low, max(known) * beyond, octaves=True)

    def labelled_ticks(self, scale: Scale, about: int = 5) -> list[tuple[float, str]]:
        """The ticks on a scale and what is written at them."""
        if self.ticks is not None:
            places = list(self.ticks)
        elif self.octaves:
            places = [t for t in _ROUND if scale.low <= t <= scale.high]
        else:
            places = scale.ticks(about)
        return [(place, self.form(place)) for place in places]

    def line(self, scale: Scale) -> float | None:
        """Where the dashed line is; None if it is not on the scale."""
        inside = self.reference is not None and scale.low <= self.reference <= scale.high
        return self.reference if inside else None
