"""RQ3: whether a protein's length tells how well it is aligned."""

import numpy as np

from ...report.numbers import plural
from ...statistics.association import Estimate, lines, spearman
from ...statistics.bootstrap import holm
from ..evidence.evidence import Evidence
from ..evidence.tables import Result, Row, not_testable, result

COLUMNS = (
    "label", "gdm", "llm", "slope", "slope_low", "slope_high", "intercept", "standardised", "standardised_low",
    "standardised_high", "spearman", "spearman_low", "spearman_high", "p", "p_corrected", "n",
)  # fmt: skip
METHOD = (
    "Least squares of a protein's match (S_ii, mean over seeds) on its length: amino acids of its polypeptide chains, "
    "copies once. The standardised slope is Pearson's r. Intervals are bootstraps over sequence clusters; p is that "
    "of Spearman's rho, corrected (Holm) over the pairs."
)
ALPHA = 0.05
EFFECT = 0.1  # |standardised slope| that Cohen (1988) calls small; less is called no effect


def estimate_columns(name: str, estimate: Estimate, i: int) -> Row:
    """`name`, `name_low` and `name_high` of the i-th value."""
    return {name: estimate.value[i], f"{name}_low": estimate.low[i], f"{name}_high": estimate.high[i]}


def run(evidence: Evidence) -> Result:
    """Slopes and rank correlations of the main pairs (docs/outputs.md)."""
    table = evidence.main_table()
    lengths = np.array([evidence.facts[i].length for i in table.ids], dtype=float)
    why = evidence.too_few(table.families) or (None if lengths.std() else "all test proteins have the same length")
    if why:
        return not_testable("length", why, columns=COLUMNS, method=METHOD)
    generator, draws = evidence.generator("length"), evidence.bootstrap
    line = lines(lengths, table.matched, table.families, draws=draws, generator=generator)
    rank = spearman(lengths, table.matched, table.families, draws=draws, generator=generator)
    corrected = holm(np.nan_to_num(rank.p, nan=1))
    rows = [
        {
            "label": name,
            "gdm": r.structure_encoder,
            "llm": r.language_model,
            "intercept": line.intercept[i],
            "n": table.n,
        }
        | estimate_columns("slope", line.slope, i)
        | estimate_columns("standardised", line.standardised, i)
        | estimate_columns("spearman", rank.rho, i)
        | {"p": rank.p[i], "p_corrected": corrected[i]}
        for i, (name, r) in enumerate(zip(table.labels, table.results, strict=True))
    ]
    return result("length", rows, columns=COLUMNS, answer=_answer(rows), method=METHOD)


def _answer(rows: list[Row]) -> str:
    found = [r["standardised"] for r in rows if np.isfinite(r["standardised"])]
    if not found:
        return "Matches that do not vary over the proteins correlate with no length."
    low, high = min(found), max(found)
    some = sum(r["p_corrected"] < ALPHA for r in rows)
    none = [r for r in rows if r["standardised_low"] > -EFFECT and r["standardised_high"] < EFFECT]
    small = sum(r["p_corrected"] >= ALPHA for r in none)
    between = f"r = {low:.2f}" if len(rows) == 1 else f"between r = {low:.2f} and {high:.2f}"
    return (
        f"Match and length correlate {between} over {plural(len(rows), 'pair')}: beyond chance in {some}, surely too "
        f"weak to matter (|r| below {EFFECT}) in {small}, undecided in {len(rows) - some - small}."
    )
