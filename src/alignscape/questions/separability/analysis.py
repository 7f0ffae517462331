"""Which pairs the data can tell apart, and what that leaves of a ranking."""

from typing import Any, NamedTuple

import numpy as np

from ...report.labels import SPLITS
from ...report.numbers import plural
from ...statistics.bootstrap import holm
from ...statistics.clusters import Floats
from ...statistics.means import Estimates
from ...statistics.power import about, proteins_needed
from ..evidence.evidence import Evidence, sampled
from ..evidence.score_table import ScoreTable
from ..evidence.tables import Result, not_testable, result

COLUMNS = ("a", "b", "difference", "low", "high", "p", "p_corrected", "verdict")
MARGIN = 0.02  # a difference of scores that makes no difference to who must choose
METHOD = (
    "Pairs are compared by their calibrated scores: matched minus the signed mean of the others, whose chance level is "
    "0 for every pair. A difference is paired over the proteins, which are the same for all pairs. Its error is over "
    "sequence clusters, as relatives are not independent, and over seeds; interval and p are Student's, with "
    "Satterthwaite's degrees of freedom. Holm's correction over all comparisons: in 95 % of such studies no verdict of "
    f"the table is wrong. Better or worse: corrected p below 0.05. Equal: the interval lies within ±{MARGIN}. All else "
    "is undecided. The number of proteins that would decide is the one with which a difference of this size would be "
    "beyond chance in 8 of 10 such studies."
)
ALPHA = 0.05
BETTER, WORSE, EQUAL, SAME = "better", "worse", "equal", "undecided"


def verdicts(difference: Floats, corrected: Floats, low: Floats, high: Floats) -> list[str]:
    """`better`, `worse`, `equal` or `undecided` for each difference, its corrected p and its interval."""
    signs = np.where(corrected < ALPHA, np.sign(difference), 0)
    equal = (low > -MARGIN) & (high < MARGIN)
    words = {1: BETTER, -1: WORSE}
    return [words.get(int(sign), EQUAL if same else SAME) for sign, same in zip(signs, equal, strict=True)]


def _square(values: Floats, a: np.ndarray, b: np.ndarray, p: int, *, mirror: Floats) -> Floats:
    """Matrix (p, p) with `values` at (a, b) and `mirror` at (b, a); NaN on the diagonal."""
    square = np.full((p, p), np.nan)
    square[a, b], square[b, a] = values, mirror
    return square


def _verdict_matrix(names: list[str], a: np.ndarray, b: np.ndarray, p: int) -> list[list[str | None]]:
    matrix: list[list[str | None]] = [[None] * p for _ in range(p)]
    mirrored = {BETTER: WORSE, WORSE: BETTER}
    for name, i, j in zip(names, a, b, strict=True):
        matrix[i][j], matrix[j][i] = name, mirrored.get(name, name)
    return matrix


def compare(table: ScoreTable) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Matrices and rows of all comparisons of a table of at least two pairs, best first."""
    means = table.means("calibrated")
    order = np.argsort(-means.value, kind="stable")
    summaries = table.summaries()
    p, summaries = len(order), [summaries[i] for i in order]
    a, b = np.triu_indices(p, 1)
    found = means.differences(order[a], order[b])
    difference, (low, high), raw = found.value, found.ends(), found.p()
    corrected = holm(raw)
    names = verdicts(difference, corrected, low, high)
    matrix = _verdict_matrix(names, a, b, p)
    labels = [str(s["label"]) for s in summaries]
    columns = zip(a, b, difference, low, high, raw, corrected, names, strict=True)
    rows = [dict(zip(COLUMNS, (labels[i], labels[j], *rest), strict=True)) for i, j, *rest in columns]
    squares = {
        "difference": _square(difference, a, b, p, mirror=-difference),
        "low": _square(low, a, b, p, mirror=-high),
        "high": _square(high, a, b, p, mirror=-low),
        "p": _square(raw, a, b, p, mirror=raw),
        "p_corrected": _square(corrected, a, b, p, mirror=corrected),
    }
    best = [labels[i] for i in range(p) if WORSE not in matrix[i]]
    level = [labels[j] for j in range(1, p) if matrix[0][j] != BETTER]
    more = {"pairs": summaries, "verdict": matrix, "best": best, "level": level, "decide": _deciding(found, table.n)}
    return more | {"n": table.n, "clusters": table.families.count} | squares, rows


def _deciding(found: Estimates, n: int) -> Floats:
    """Proteins (comparisons,) that would tell the two pairs apart, whichever verdict they have now."""
    return proteins_needed(np.abs(found.value), found.error, n, comparisons=len(found.value))


class Baseline(NamedTuple):
    """The highest baseline, and how far its calibrated score lies above that of the highest main pair."""

    label: str
    score: float
    difference: float
    low: float
    high: float


def best_baseline(evidence: Evidence, top: str) -> Baseline | None:
    """The highest pair with a baseline in it against the highest main pair; None if the study has no baseline."""
    catalogue = evidence.catalogue
    if not any(e.role == "baseline" for e in (*catalogue.gdms.values(), *catalogue.llms.values())):
        return None
    gdms, llms = (
        [name for name, e in encoders.items() if e.role in ("main", "baseline")]
        for encoders in (catalogue.gdms, catalogue.llms)
    )
    table = evidence.table(evidence.select(gdms=gdms, llms=llms))
    main = {(g, m) for g in catalogue.main_gdms for m in catalogue.main_llms}
    places = [i for i, r in enumerate(table.results) if (r.structure_encoder, r.language_model) not in main]
    if not places or evidence.too_few(table.families):
        return None
    place = max(places, key=lambda i: table.calibrated[i])
    found = table.means("calibrated").differences([place], [table.labels.index(top)])
    (low,), (high,) = found.ends()
    return Baseline(table.labels[place], float(table.calibrated[place]), float(found.value[0]), low, high)


def headline(found: dict, families: str, split: str) -> str:
    """The first sentence of the report: the highest pair, and what it cannot be told from by its own row."""
    top, level, others = found["pairs"][0], found["level"], len(found["pairs"]) - 1
    score = f"calibrated score {top['calibrated']:.3f} [{top['calibrated_low']:.3f}, {top['calibrated_high']:.3f}]"
    where = f"{score}; {families}, {SPLITS.get(split, split)}"
    if not level:
        return f"{top['label']} is aligned best ({where}), ahead of {_others(others, 'all')} beyond chance."
    head = f"{top['label']} scores highest ({where})"
    if len(level) == others:
        return f"{head}, but cannot be told from {_others(others, 'any of the')}."
    told = _listed(level) if len(level) <= MOST_NAMED else f"{len(level)} others, of which {level[0]} is the next"
    return f"{head}; it cannot be told from {told}, and is better than {plural(others - len(level), 'other')}."


MOST_NAMED = 3


def _others(count: int, which: str) -> str:
    return "the other pair" if count == 1 else f"{which} {count} others"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def against_baseline(baseline: Baseline | None) -> str:
    """Whether a baseline beats the highest pair."""
    if baseline is None:
        return ""
    ahead = f"difference {-baseline.difference:.3f} [{-baseline.high:.3f}, {-baseline.low:.3f}]"
    numbers = f"difference {baseline.difference:.3f} [{baseline.low:.3f}, {baseline.high:.3f}]"
    if baseline.low > 0:
        return f"A baseline beats it: {baseline.label} has {baseline.score:.3f}, {numbers}."
    if baseline.high < 0:
        return f"It beats the highest baseline, {baseline.label} ({ahead})."
    return f"It cannot be told from a baseline: {baseline.label} has {baseline.score:.3f}, {numbers}."


def what_would_decide(found: dict) -> str:
    """How many proteins would tell the highest pair from the next that it cannot be told from."""
    labels = [p["label"] for p in found["pairs"]]
    undecided = [i for i in range(1, len(labels)) if found["verdict"][0][i] == SAME]
    if not undecided:
        return ""
    i = undecided[0]  # row 0 against i is comparison i - 1
    return f"To tell it from {labels[i]}, {about(found['decide'][i - 1])} would be needed."


def other_order(found: dict) -> str:
    """What the paper's score says where its order of the pairs is another; nothing where the first pair is the same."""
    pairs = found["pairs"]
    first = max(pairs, key=lambda p: p["score"])
    if first["label"] == pairs[0]["label"]:
        return ""
    return (
        f"By the paper's score, whose chance level differs from pair to pair, {first['label']} would be first "
        f"({first['score']:.3f} against {pairs[0]['score']:.3f})."
    )


def run(evidence: Evidence) -> Result:
    """Every main pair against every other (docs/outputs.md)."""
    table = evidence.main_table()
    why = evidence.too_few(table.families) or ("there is only one pair" if len(table.results) < 2 else None)
    if not table.results or why:
        empty: dict[str, list[Any]] = {"pairs": [], "verdict": [], "best": [], "level": []}
        return not_testable("separability", why or "there is no pair", columns=COLUMNS, method=METHOD, **empty)
    found, rows = compare(table)
    baseline = best_baseline(evidence, found["pairs"][0]["label"])
    said = (
        headline(found, sampled(table.families), table.split),
        against_baseline(baseline),
        what_would_decide(found),
        other_order(found),
    )
    answer = " ".join(sentence for sentence in said if sentence)
    shown = baseline._asdict() if baseline else None
    return result("separability", rows, columns=COLUMNS, answer=answer, method=METHOD, baseline=shown, **found)
