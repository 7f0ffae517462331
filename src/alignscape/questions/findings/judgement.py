"""When a claim holds, when it does not, and when the data cannot tell: by intervals, never by bare numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from ...statistics.auc import Auc
from ...statistics.bootstrap import bias_corrected, interval
from ...statistics.clusters import Floats
from ...statistics.distributions import normal_quantile, t_quantile
from ...statistics.means import Estimates, Means
from ...statistics.power import about, proteins_needed

HOLDS, FAILS, UNDECIDED, UNKNOWN = "holds", "does not hold", "undecided", "not testable"
LEVEL = 0.95
_FEWEST_BEYOND = 20  # draws beyond a percentile for it to be more than the luck of a few


class NotTestable(Exception):
    """The study lacks what a claim is about; the message says what."""


class Estimate(Protocol):
    """One comparison inside a claim."""

    @property
    def label(self) -> str:
        """What is compared."""

    @property
    def value(self) -> float:
        """The number."""

    @property
    def n(self) -> int:
        """Proteins that it rests on."""

    def ends(self, level: float = LEVEL) -> tuple[float, float]:
        """Its interval of that level."""


@dataclass(frozen=True, eq=False)
class Contrast:
    """A weighted sum of means over proteins and seeds, with Student's interval over clusters and seeds."""

    label: str
    means: Means
    weights: Floats  # (p,)
    besides: tuple[float, float] = (
        0.0,
        1.0,
    )  # variance of what proteins and seeds do not show, and its degrees of freedom

    @cached_property
    def estimate(self) -> Estimates:
        """Value, error and degrees of freedom, (1,) each."""
        return self.means.contrasts(self.weights[None]).widened(*self.besides)

    @property
    def n(self) -> int:
        """Proteins."""
        return self.means.clusters.n

    @property
    def value(self) -> float:
        """The weighted sum."""
        return float(self.estimate.value[0])

    def ends(self, level: float = LEVEL) -> tuple[float, float]:
        """Interval of that level."""
        low, high = self.estimate.ends(level)
        return float(low[0]), float(high[0])


@dataclass(frozen=True, eq=False)
class Drawn:
    """A number with bootstrap draws (b,) of it, and their degrees of freedom."""

    label: str
    value: float
    draws: Floats
    df: float
    n: int
    skewed: bool = False

    def ends(self, level: float = LEVEL) -> tuple[float, float]:
        """Interval of that level: percentiles, but Student's where these are among the outermost draws.

        Those of skewed draws are corrected for their bias.
        """
        if np.isfinite(self.draws).sum() > 1 and (1 - level) / 2 * len(self.draws) < _FEWEST_BEYOND:
            reach = float(t_quantile((1 + level) / 2, self.df) * np.nanstd(self.draws, ddof=1))
            return self.value - reach, self.value + reach
        if self.skewed:
            return bias_corrected(self.value, self.draws, level=level, df=self.df)
        low, high = interval(self.draws, level=level, df=self.df)
        return float(low), float(high)


@dataclass(frozen=True, eq=False)
class Rank:
    """An AUC of one score vector, or its rank-biserial effect 2 AUC - 1."""

    label: str
    auc: Auc
    effect: bool = False

    @property
    def n(self) -> int:
        """Proteins of both groups."""
        return self.auc.clusters.n

    @property
    def value(self) -> float:
        """The AUC or the effect."""
        return self._scaled(self.auc.value[0])

    def ends(self, level: float = LEVEL) -> tuple[float, float]:
        """Interval of that level."""
        found = self.auc.estimate(level)
        return self._scaled(found.low[0]), self._scaled(found.high[0])

    def _scaled(self, value: float) -> float:
        return float(2 * value - 1 if self.effect else value)


def average(label: str, items: Sequence[Contrast]) -> Contrast:
    """The mean of items of the same means."""
    return Contrast(label, items[0].means, np.mean([i.weights for i in items], axis=0))


def minus(a: Contrast, b: Contrast, label: str | None = None) -> Contrast:
    """The difference of two items of the same means."""
    return Contrast(label or f"{a.label} - {b.label}", a.means, a.weights - b.weights)


@dataclass(frozen=True, eq=False)
class Judgement:
    """A verdict, the estimate that decided it, and the comparisons inside."""

    verdict: str
    item: Estimate | None = None
    why: str = ""
    items: list[Estimate] = field(default_factory=list)


def not_testable(why: str, items: Sequence[Estimate] = ()) -> Judgement:
    """A claim that this study can say nothing of."""
    return Judgement(UNKNOWN, None, why, list(items))


def each_above(
    items: Sequence[Estimate], bound: float = 0.0, *, refuted_below: float | None = None, among: int | None = None
) -> Judgement:
    """Every item is above `bound`.

    Holds: the 95 % interval of every item lies above it (all must, so no correction is needed). Does not hold: an
    item's interval lies below `refuted_below` (`bound` if absent) at a level corrected for `among` comparisons
    (Bonferroni; the number of items if absent: all comparisons of a claim of several parts). Else undecided.
    """
    ends, strict = _ends(items, among)
    against = bound if refuted_below is None else refuted_below
    held, refuted = [low > bound for low, _ in ends], [high < against for _, high in strict]
    distance = [abs(i.value - bound) for i in items]
    return _judge(items, held=held, refuted=refuted, reach=[low for low, _ in ends], distance=distance)


def each_below(items: Sequence[Estimate], bound: float = 0.0, *, among: int | None = None) -> Judgement:
    """Every item is below `bound`; the mirror image of `each_above`."""
    ends, strict = _ends(items, among)
    held, refuted = [high < bound for _, high in ends], [low > bound for low, _ in strict]
    distance = [abs(i.value - bound) for i in items]
    return _judge(items, held=held, refuted=refuted, reach=[-high for _, high in ends], distance=distance)


def each_within(items: Sequence[Estimate], margin: float, *, among: int | None = None) -> Judgement:
    """Every item is smaller than `margin` in absolute value: an equivalence, not the mere absence of significance.

    Holds: every 95 % interval lies inside (-margin, margin). Does not hold: one lies outside, at the corrected level.
    """
    ends, strict = _ends(items, among)
    held = [low > -margin and high < margin for low, high in ends]
    refuted = [low > margin or high < -margin for low, high in strict]
    reach = [-max(abs(low), abs(high)) for low, high in ends]
    distance = [abs(abs(i.value) - margin) for i in items]
    return _judge(items, held=held, refuted=refuted, reach=reach, distance=distance)


def _ends(items: Sequence[Estimate], among: int | None) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Intervals of the items at the level, and at the level corrected for so many comparisons."""
    corrected = 1 - (1 - LEVEL) / max(among or 0, len(items))
    return [i.ends() for i in items], [i.ends(corrected) for i in items]


def _judge(
    items: Sequence[Estimate], *, held: list[bool], refuted: list[bool], reach: list[float], distance: list[float]
) -> Judgement:
    """The verdict, decided by the estimate of the smallest `reach`, among the refuting ones if there are any.

    distance: of each item's value from the bound that it is judged by.
    """
    candidates = [k for k in range(len(items)) if refuted[k]] or list(range(len(items)))
    critical = items[min(candidates, key=lambda k: reach[k])]
    if any(refuted):
        against = f"{sum(refuted)} of {len(items)} say otherwise" if len(items) > 1 else ""
        return Judgement(FAILS, critical, against, list(items))
    if all(held):
        return Judgement(HOLDS, critical, "", list(items))
    open_ = len(items) - sum(held)
    why = f"the interval of {open_} of {len(items)} allows both" if len(items) > 1 else "the interval allows both"
    needed = max(_needed(i, d) for i, d, done in zip(items, distance, held, strict=True) if not done)
    return Judgement(UNDECIDED, critical, f"{why}; {about(needed)} would decide", list(items))


def _needed(item: Estimate, distance: float) -> float:
    """Proteins that would put the item's interval on one side of a bound at that distance."""
    low, high = item.ends()
    return float(proteins_needed(distance, (high - low) / 2 / normal_quantile((1 + LEVEL) / 2), item.n))


def _of_part(judgement: Judgement) -> str:
    """The reason of one part of a claim, with what it is about."""
    return f"{judgement.item.label}: {judgement.why}" if judgement.item else judgement.why


def all_of(*judgements: Judgement) -> Judgement:
    """Every part holds; one that does not is enough against it, else one that is undecided or not testable decides."""
    for verdict in (FAILS, UNDECIDED, UNKNOWN):
        if found := [j for j in judgements if j.verdict == verdict]:
            break
    else:
        found = list(judgements)
    why = "; ".join(dict.fromkeys(_of_part(j) if len(found) > 1 else j.why for j in found if j.why))
    return Judgement(found[0].verdict, found[0].item, why, [i for j in judgements for i in j.items])
