"""When a claim holds, when it does not, and when the data cannot tell: by intervals, never by bare numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from ..statistics.bootstrap import Floats, interval

HOLDS, FAILS, UNKNOWN = "holds", "does not hold", "not testable"
LEVEL = 0.95


class NotTestable(Exception):
    """The study lacks what a claim is about; the message says what."""


@dataclass(frozen=True, eq=False)
class Item:
    """One comparison inside a claim: its value and bootstrap draws (b,) of it."""

    label: str
    value: float
    draws: Floats

    def ends(self, level: float = LEVEL) -> tuple[float, float]:
        """Interval of that level."""
        low, high = interval(self.draws, level=level)
        return float(low), float(high)


def normal_item(label: str, value: float, error: float, *, size: int = 2000) -> Item:
    """An item whose interval is the normal one of a standard error: evenly spaced quantiles stand for draws."""
    quantiles = stats.norm.ppf((np.arange(size) + 0.5) / size)
    return Item(label, value, value + error * quantiles)


def average(label: str, items: Sequence[Item]) -> Item:
    """The mean of items that share their draws."""
    return Item(label, float(np.mean([i.value for i in items])), np.mean([i.draws for i in items], axis=0))


@dataclass(frozen=True, eq=False)
class Judgement:
    """A verdict, the number it hangs on with its interval, and the comparisons inside."""

    verdict: str
    item: Item | None = None
    why: str = ""
    items: list[Item] = field(default_factory=list)


def not_testable(why: str, items: Sequence[Item] = ()) -> Judgement:
    """A claim that this study can say nothing of."""
    return Judgement(UNKNOWN, None, why, list(items))


def each_above(items: Sequence[Item], bound: float = 0.0) -> Judgement:
    """Every item is above `bound`.

    Holds: the 95 % interval of every item lies above it (all must, so no correction is needed). Does not hold: an
    item's interval lies below it at a level corrected for the number of items (Bonferroni). Else not testable.
    """
    lows = [i.ends()[0] for i in items]
    strict = [i.ends(1 - (1 - LEVEL) / len(items))[1] for i in items]
    return _judge(items, held=[low > bound for low in lows], refuted=[high < bound for high in strict], reach=lows)


def each_below(items: Sequence[Item], bound: float = 0.0) -> Judgement:
    """Every item is below `bound`; the mirror image of `each_above`."""
    highs = [i.ends()[1] for i in items]
    strict = [i.ends(1 - (1 - LEVEL) / len(items))[0] for i in items]
    reach = [-high for high in highs]
    return _judge(items, held=[high < bound for high in highs], refuted=[low > bound for low in strict], reach=reach)


def each_within(items: Sequence[Item], margin: float) -> Judgement:
    """Every item is smaller than `margin` in absolute value: an equivalence, not the mere absence of significance.

    Holds: every 95 % interval lies inside (-margin, margin). Does not hold: one lies outside, at the corrected level.
    """
    ends = [i.ends() for i in items]
    strict = [i.ends(1 - (1 - LEVEL) / len(items)) for i in items]
    held = [low > -margin and high < margin for low, high in ends]
    refuted = [low > margin or high < -margin for low, high in strict]
    return _judge(items, held=held, refuted=refuted, reach=[-max(abs(low), abs(high)) for low, high in ends])


def _judge(items: Sequence[Item], *, held: list[bool], refuted: list[bool], reach: list[float]) -> Judgement:
    """The verdict; it hangs on the item of the smallest `reach`, among the refuting ones if there are any."""
    candidates = [k for k in range(len(items)) if refuted[k]] or list(range(len(items)))
    critical = items[min(candidates, key=lambda k: reach[k])]
    if any(refuted):
        against = f"{sum(refuted)} of {len(items)} say otherwise" if len(items) > 1 else ""
        return Judgement(FAILS, critical, against, list(items))
    if all(held):
        return Judgement(HOLDS, critical, "", list(items))
    open_ = len(items) - sum(held)
    why = f"the interval of {open_} of {len(items)} allows both" if len(items) > 1 else "the interval allows both"
    return Judgement(UNKNOWN, critical, why, list(items))


def all_of(*judgements: Judgement) -> Judgement:
    """Every part holds; one that does not is enough against it, else one that is not testable leaves it open."""
    for verdict in (FAILS, UNKNOWN):
        if found := [j for j in judgements if j.verdict == verdict]:
            break
    else:
        found = list(judgements)
    why = "; ".join(dict.fromkeys(j.why for j in found if j.why))
    return Judgement(found[0].verdict, found[0].item, why, [i for j in judgements for i in j.items])
