"""Numbers as the report prints them."""

import math
from collections.abc import Mapping
from typing import Any

NOTHING = "–"


def fixed(value: float | None, digits: int = 3) -> str:
    """A number with a true minus sign; a dash for what is not there."""
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def short(value: float | None, digits: int = 3) -> str:
    """A number to so many significant digits, without an exponent where it can be read without one."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{value:.{digits}g}".replace("-", "−")


def count(value: float | None) -> str:
    """A whole number with thin spaces between thousands."""
    return NOTHING if value is None else f"{round(value):,}".replace(",", "\u202f").replace("-", "−")


def share(value: float | None) -> str:
    """A fraction as a percentage."""
    return NOTHING if value is None else f"{100 * value:.0f}\u202f%"


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """`[low, high]`, or nothing where there is none."""
    return "" if low is None or high is None else f"[{fixed(low, digits)}, {fixed(high, digits)}]"


def estimate(row: Mapping[str, Any], key: str, digits: int = 3, *, prefix: str | None = None) -> str:
    """`value [low, high]` of a row, whose bounds are `<prefix>low` and `<prefix>high` (`<key>_low` if not given)."""
    prefix = f"{key}_" if prefix is None else prefix
    bounds = interval(row.get(f"{prefix}low"), row.get(f"{prefix}high"), digits)
    return f"{fixed(row.get(key), digits)} {bounds}".strip()


def probability(p: float | None) -> str:
    """A p-value; never `0`."""
    if p is None:
        return NOTHING
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def plural(n: int, one: str, many: str | None = None) -> str:
    """`1 protein`, `2 proteins`."""
    return f"{count(n)} {one if n == 1 else many or one + 's'}"


def listing(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
