"""Paired differences between pairs of one table."""

from collections.abc import Sequence

from .bootstrap import Floats, difference_p, holm, interval
from .score_table import ScoreTable
from .tables import Row


def paired_differences(table: ScoreTable, draws: Floats, of: Sequence[tuple[int, int]]) -> list[Row]:
    """difference, low, high, p and p_corrected (Holm's over all of them) of score a minus score b for each (a, b).

    draws: (draws, p) bootstrap draws of the table's scores, paired over proteins.
    """
    if not of:
        return []
    a, b = (list(side) for side in zip(*of, strict=True))
    difference, resampled = table.score[a] - table.score[b], draws[:, a] - draws[:, b]
    low, high = interval(resampled)
    p = difference_p(difference, resampled, n=table.n)
    names = ("difference", "low", "high", "p", "p_corrected")
    return [dict(zip(names, row, strict=True)) for row in zip(difference, low, high, p, holm(p), strict=True)]
