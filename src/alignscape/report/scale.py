"""Axes: where a value lies, in per cent of the axis, and which values get a tick."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`, linear or in octaves."""

    low: float
    high: float
    octaves: bool = False

    def percent(self, value: float) -> float:
        """0 at `low`, 100 at `high`."""
        low, high, value = (
            (math.log2(x) for x in (self.low, self.high, value))
            if self.octaves
            else (
                self.low,
                self.high,
                value,
            )
        )
        return 100 * (value - low) / (high - low)

    def ticks(self, about: int = 5) -> list[float]:
        """Round values inside the axis."""
        step = _round_step((self.high - self.low) / about)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(i * step, 10) for i in range(first, last + 1)]


def _round_step(step: float) -> float:
    power = 10 ** math.floor(math.log10(step))
    return next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= step * 0.999)


def spanning(values: Iterable[float | None], *, include: tuple[float, ...] = (), margin: float = 0.04) -> Scale:
    """The axis over all finite values, with a margin on both sides."""
    known = [v for v in (*values, *include) if v is not None and math.isfinite(v)] or [0.0, 1.0]
    low, high = min(known), max(known)
    width = high - low if high - low > 1e-9 * max(1.0, abs(high)) else max(abs(high), 1e-3)
    gap = width * margin
    return Scale(low - gap, high + gap)
