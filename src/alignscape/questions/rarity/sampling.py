"""RQ3, before and after: popular against rare proteins where heads see each family as often as another."""

import numpy as np

from ...config.study import Variant
from ...report.numbers import plural
from ...statistics.bootstrap import holm
from ...statistics.clusters import Floats
from ...statistics.means import Means
from ..evidence.evidence import Evidence
from ..evidence.score_table import ScoreTable, label
from ..evidence.tables import Row

BY_CLUSTER = Variant(sampling="by_cluster")


def before_and_after(evidence: Evidence, popular: list[str], rare: list[str]) -> list[Row]:
    """For each main pair that has both kinds of heads, by how much popular proteins score above rare ones, and the change.

    The gap is of the calibrated score; `after` with heads that were trained on each sequence cluster as often as another.
    """
    after = {(r.structure_encoder, r.language_model): r for r in evidence.select(variant=BY_CLUSTER)}
    before = [r for r in evidence.select() if (r.structure_encoder, r.language_model) in after]
    if not before:
        return []
    table = evidence.table([*before, *(after[r.structure_encoder, r.language_model] for r in before)])
    gaps = _gaps(table, popular, rare)
    k = len(before)
    each, change = gaps.estimates(), gaps.differences(range(k, 2 * k), range(k))
    low, high = each.ends()
    columns = (
        *(x for part in (slice(0, k), slice(k, 2 * k)) for x in (each.value[part], low[part], high[part])),
        change.value, *change.ends(), change.p(), holm(change.p()),
    )  # fmt: skip
    names = (
        "before", "before_low", "before_high", "after", "after_low", "after_high",
        "difference", "low", "high", "p", "p_corrected",
    )  # fmt: skip
    heads = [{"label": label(r), "gdm": r.structure_encoder, "llm": r.language_model} for r in before]
    return [
        head | dict(zip(names, row, strict=True)) for head, row in zip(heads, zip(*columns, strict=True), strict=True)
    ]


def _gaps(table: ScoreTable, popular: list[str], rare: list[str]) -> Means:
    """Mean score of the popular minus that of the rare, for each pair: a mean over both of scores times a weight."""
    wanted = [np.isin(table.ids, group) for group in (popular, rare)]
    chosen = np.flatnonzero(wanted[0] | wanted[1])
    some = table.only([table.ids[place] for place in chosen])
    is_popular = wanted[0][chosen]
    n, counts = len(chosen), (is_popular.sum(), (~is_popular).sum())
    weight = np.where(is_popular, n / counts[0], -n / counts[1])
    scores = some.means("calibrated")
    influences = scores.groups if scores.influences is None else scores.influences
    centred = [_about_its_group(values, is_popular) * weight for values in influences]
    return Means([values * weight for values in scores.groups], some.families, centred)


def _about_its_group(values: Floats, is_popular: np.ndarray) -> Floats:
    """Values (s, n) less the mean of the group that each protein is in: what moves the gap."""
    means = [values[:, group].mean(axis=1, keepdims=True) for group in (is_popular, ~is_popular)]
    return values - np.where(is_popular, *means)


def sampling_sentence(rows: list[Row]) -> str:
    """What sampling by cluster does to the gap, in a sentence; "" where no pair was trained so."""
    if not rows:
        return ""
    mean = [float(np.mean([r[name] for r in rows])) for name in ("before", "after")]
    beyond = [sum(r["p_corrected"] < 0.05 and sign * r["difference"] > 0 for r in rows) for sign in (-1, 1)]
    return (
        "With heads that see each family as often as another the popular score above the rare by "
        f"{mean[1]:.3f} instead of {mean[0]:.3f} on average; less beyond chance in {beyond[0]} and more in {beyond[1]} of "
        f"{plural(len(rows), 'pair')}."
    )
