"""Which pairs the data can tell apart."""

import numpy as np

from ..statistics.bootstrap import holm
from ..statistics.clusters import Floats
from .evidence import Evidence
from .score_table import ScoreTable
from .tables import Result, not_testable, result

COLUMNS = ("a", "b", "difference", "low", "high", "p", "p_corrected", "verdict")
METHOD = (
    "The difference of two scores is paired over the proteins, which are the same for all pairs. Its error is over "
    "sequence clusters, as relatives are not independent, and over seeds; interval and p are Student's, with "
    "Satterthwaite's degrees of freedom. Holm's correction over all comparisons: in 95 % of such studies no verdict of "
    "the table is wrong. "
    "Better or worse: corrected p below 0.05."
)
ALPHA = 0.05
BETTER, WORSE, SAME = "better", "worse", "not separable"


def verdicts(difference: Floats, corrected: Floats) -> list[str]:
    """`better`, `worse` or `not separable` for each difference and its corrected p."""
    signs = np.where(corrected < ALPHA, np.sign(difference), 0)
    return [{1: BETTER, -1: WORSE}.get(int(sign), SAME) for sign in signs]


def _square(values: Floats, a: np.ndarray, b: np.ndarray, p: int, *, mirror: Floats) -> Floats:
    """Matrix (p, p) with `values` at (a, b) and `mirror` at (b, a); NaN on the diagonal."""
    square = np.full((p, p), np.nan)
    square[a, b], square[b, a] = values, mirror
    return square


def _verdict_matrix(names: list[str], a: np.ndarray, b: np.ndarray, p: int) -> list[list[str | None]]:
    matrix: list[list[str | None]] = [[None] * p for _ in range(p)]
    mirrored = {BETTER: WORSE, WORSE: BETTER, SAME: SAME}
    for name, i, j in zip(names, a, b, strict=True):
        matrix[i][j], matrix[j][i] = name, mirrored[name]
    return matrix


def headline(best: list[str], score: float, others: int) -> str:
    """The report's headline: the best pairs and that they cannot be told apart."""
    if len(best) == 1:
        return f"{best[0]} is aligned best (score {score:.3f}), ahead of {others} others beyond chance."
    if others == 0:
        return f"None of the {len(best)} pairs can be told from the best, {best[0]} (score {score:.3f})."
    worse = "One pair is" if others == 1 else f"{others} pairs are"
    return f"{best[0]} scores highest ({score:.3f}); it cannot be told from {_listed(best[1:])}. {worse} worse."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def compare(table: ScoreTable) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Matrices and rows of all comparisons of a table of at least two pairs, best first."""
    order = np.argsort(-table.score, kind="stable")
    p, summaries = len(order), [table.summaries()[i] for i in order]
    a, b = np.triu_indices(p, 1)
    found = table.means.differences(order[a], order[b])
    difference, (low, high), raw = found.value, found.ends(), found.p()
    corrected = holm(raw)
    names = verdicts(difference, corrected)
    matrix = _verdict_matrix(names, a, b, p)
    labels = [str(s["label"]) for s in summaries]
    best = [labels[i] for i in range(p) if WORSE not in matrix[i]]
    columns = zip(a, b, difference, low, high, raw, corrected, names, strict=True)
    rows = [dict(zip(COLUMNS, (labels[i], labels[j], *rest), strict=True)) for i, j, *rest in columns]
    squares = {
        "difference": _square(difference, a, b, p, mirror=-difference),
        "low": _square(low, a, b, p, mirror=-high),
        "high": _square(high, a, b, p, mirror=-low),
        "p": _square(raw, a, b, p, mirror=raw),
        "p_corrected": _square(corrected, a, b, p, mirror=corrected),
    }
    return {
        "pairs": summaries,
        "verdict": matrix,
        "best": best,
        "n": table.n,
        "clusters": table.families.count,
    } | squares, rows


def run(evidence: Evidence) -> Result:
    """Every main pair against every other (docs/outputs.md)."""
    table = evidence.main_table()
    why = evidence.too_few(table.families) or ("there is only one pair" if len(table.results) < 2 else None)
    if not table.results or why:
        empty = {"pairs": [], "verdict": [], "best": []}
        return not_testable("separability", why or "there is no pair", columns=COLUMNS, method=METHOD, **empty)
    found, rows = compare(table)
    best = found["best"]
    answer = headline(best, float(table.score.max()), len(table.results) - len(best))
    return result("separability", rows, columns=COLUMNS, answer=answer, method=METHOD, **found)
