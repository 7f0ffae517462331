"""A value against those that it takes when proteins are exchanged on one side."""

from typing import Literal, NamedTuple

from .clusters import Floats

Alike = Literal["high", "low"]  # which values mean that the two sides are alike
_DUST = 1e-12  # differences of values that rounding makes


class Null(NamedTuple):
    """Mean and standard deviation of the values under exchange; z in those standard deviations, above 0 where the two
    sides are more alike than exchanged ones (None where the values do not vary); the one-sided p = (1 + exchanges at
    least as alike) / (1 + exchanges)."""

    mean: float
    sd: float
    z: float | None
    p: float
    exchanges: int


def against_exchanges(observed: float, exchanged: Floats, *, alike: Alike = "high") -> Null:
    """Where an observed value lies among its values under exchange, (p,)."""
    mean, sd = float(exchanged.mean()), float(exchanged.std(ddof=1))
    sign, dust = (1 if alike == "high" else -1), _DUST * max(1.0, abs(observed))
    z = sign * (observed - mean) / sd if sd > dust else None
    as_alike = int((sign * (exchanged - observed) >= -dust).sum())
    return Null(mean, sd, z, (1 + as_alike) / (1 + len(exchanged)), len(exchanged))
