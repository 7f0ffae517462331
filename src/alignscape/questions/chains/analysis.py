"""RQ3: whether single-chain proteins are aligned better than those of several chains."""

from collections.abc import Callable

import numpy as np

from ...proteins.facts import ProteinFacts
from ...report.numbers import plural
from ...statistics.auc import Auc, auc
from ...statistics.bootstrap import holm
from ...statistics.clusters import Floats
from ..evidence.evidence import Evidence
from ..evidence.score_table import ScoreTable
from ..evidence.tables import Result, Row, not_testable, result

COLUMNS = (
    "label", "gdm", "llm", "counted", "n_single", "n_multiple", "mean_single", "mean_multiple", "median_single",
    "median_multiple", "effect", "effect_low", "effect_high", "u", "p", "p_corrected",
)  # fmt: skip
METHOD = (
    "A protein's match (S_ii, mean over seeds) in entries of one against several different chains (entities, the records "
    "of the FASTA file), and of one against several polypeptide chains with their copies: a homotetramer has one and "
    "four. The effect is the rank-biserial correlation; its interval and p are DeLong's, with sequence clusters in the place of proteins; p "
    "is corrected (Holm) over the table."
)
COUNTED: dict[str, Callable[[ProteinFacts], int]] = {"entities": lambda f: f.n_entities, "chains": lambda f: f.n_chains}
EFFECT = 0.147  # |rank-biserial| below this is negligible (Romano et al. 2006, for Cliff's delta, the same number)
FEWEST = 10  # proteins in each group: with fewer the interval covers too little


def groups(table: ScoreTable, evidence: Evidence, counted: str) -> tuple[Floats, Floats]:
    """S_ii (p, n_single) of single and (p, n_multiple) of multiple proteins."""
    count = _counts(table, evidence, counted)
    return table.matched[:, count == 1], table.matched[:, count > 1]


def _counts(table: ScoreTable, evidence: Evidence, counted: str) -> np.ndarray:
    return np.array([COUNTED[counted](evidence.facts[i]) for i in table.ids], dtype=int)


def effect(table: ScoreTable, evidence: Evidence, counted: str) -> Auc:
    """AUC of single above multiple; 2 AUC - 1 is the effect."""
    count = _counts(table, evidence, counted)
    places = np.concatenate([np.flatnonzero(count == 1), np.flatnonzero(count > 1)])
    return auc(*groups(table, evidence, counted), table.families.take(places))


def _rows(table: ScoreTable, evidence: Evidence, counted: str) -> list[Row]:
    single, multiple = groups(table, evidence, counted)
    if min(single.shape[1], multiple.shape[1]) < FEWEST:
        return []
    compared = effect(table, evidence, counted)
    found, p = compared.estimate(), compared.p()
    return [
        {"label": name, "gdm": r.structure_encoder, "llm": r.language_model, "counted": counted}
        | {"n_single": single.shape[1], "n_multiple": multiple.shape[1]}
        | {"mean_single": single[i].mean(), "mean_multiple": multiple[i].mean()}
        | {"median_single": np.median(single[i]), "median_multiple": np.median(multiple[i])}
        | {"effect": 2 * found.value[i] - 1, "effect_low": 2 * found.low[i] - 1, "effect_high": 2 * found.high[i] - 1}
        | {"u": found.value[i] * single.shape[1] * multiple.shape[1], "p": p[i]}
        for i, (name, r) in enumerate(zip(table.labels, table.results, strict=True))
    ]


def run(evidence: Evidence) -> Result:
    """Both ways of counting for the main pairs (docs/outputs.md)."""
    table = evidence.main_table()
    rows = [row for counted in COUNTED for row in _rows(table, evidence, counted)]
    for row, corrected in zip(rows, holm([r["p"] for r in rows]), strict=True):
        row["p_corrected"] = corrected
    if not rows:
        counts = (
            f"{x.shape[1]} proteins of {n}"
            for x, n in zip(groups(table, evidence, "entities"), ("one chain", "several different ones"), strict=True)
        )
        why = f"{' and '.join(counts)} were tested, at least {FEWEST} of each are needed"
        return not_testable("chains", why, columns=COLUMNS, method=METHOD)
    return result("chains", rows, columns=COLUMNS, answer=_answer(rows), method=METHOD)


def _answer(rows: list[Row]) -> str:
    some = [r for r in rows if r["p_corrected"] < 0.05]
    up = sum(r["effect"] > 0 for r in some)
    side = f" (a single chain matches better in {up})" if some else ""
    low, high = (end(r["effect"] for r in rows) for end in (min, max))
    return (
        f"The two groups differ beyond chance in {len(some)} of {plural(len(rows), 'comparison')}{side}; the effects lie "
        f"between {low:.2f} and {high:.2f} on a scale from -1 to 1."
    )
