"""RQ3: does a protein's length matter?"""

from collections.abc import Mapping
from typing import Any

from ...report.numbers import count, estimate, probability, short
from ...report.results import StudyResults
from ...report.section import PROTEINS, Column, Section, Table, answered

COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Slope per 100 residues [95 %]", lambda r: _per_hundred(r)),
    Column("Standardised [95 %]", lambda r: estimate(r, "standardised", 2), hint="in standard deviations of both"),
    Column("Spearman [95 %]", lambda r: estimate(r, "spearman", 2)),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
    Column("Proteins", lambda r: count(r["n"])),
)


def _per_hundred(row: Mapping[str, Any]) -> str:
    low, high = (short(100 * row[k], 2) for k in ("slope_low", "slope_high"))
    return f"{short(100 * row['slope'], 2)} [{low}, {high}]"


def section(results: StudyResults) -> Section:
    """The score against length."""
    question = results.questions["length"]
    return answered(
        question,
        id="length",
        kicker="RQ 3",
        title="Do longer proteins align better or worse?",
        menu="Length",
        part=PROTEINS,
        tables=[Table("length", "Length, by pair", question["rows"], COLUMNS)],
    )
