"""A pair's score against its values when texts are exchanged between proteins, with relatives taken into account.

The alignment exchanges single proteins. Where nothing is related the score then varies more than these draws do, since the
proteins of a family move together; families are of unequal size, so whole ones cannot be exchanged. Instead the draws'
spread is widened by what the clusters do to the standard error of the score: the same that they do to its interval.
"""

from collections.abc import Mapping

import numpy as np

from ...alignment.result import PairResult
from ...statistics.clusters import Clusters
from ...statistics.distributions import t_above
from ...statistics.means import cluster_variance
from .score_table import score_table
from .tables import Row


def permutation_null(result: PairResult, split: str, clusters: Mapping[str, int]) -> Row:
    """null_mean, null_sd (widened), z and one-sided p of a trained pair under a split, over the proteins it tested.

    p is that of the draws; with relatives, the larger of it and Student's of z. Nulls where the pair has none.
    """
    summary = result.splits[split].summary
    row: Row = {name: summary.get(name) for name in ("null_mean", "null_sd", "z", "p")}
    if row["z"] is None:
        return row
    table = score_table([result], split, clusters)
    wider, df = widening(table.means("paper").influence[0], table.families)
    if wider == 1:
        return row
    z = row["z"] / wider
    return row | {"null_sd": wider * row["null_sd"], "z": z, "p": max(row["p"], float(t_above(z, df)))}


def widening(influence: np.ndarray, families: Clusters) -> tuple[float, float]:
    """By how much clusters widen the standard error of a mean with these influences (n,), at least 1; its df."""
    if families.count == families.n or families.count < 2:
        return 1.0, families.n - 1.0
    (variance,), (df,) = cluster_variance(influence[None], families)
    alone = influence.var(ddof=1) / families.n
    return max(1.0, float(np.sqrt(variance / alone))) if alone > 0 else 1.0, float(df)
