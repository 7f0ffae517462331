"""RQ2: which pairs score the same proteins high."""

from ...report.numbers import count, estimate, fixed
from ...report.results import StudyResults
from ...report.section import PAIRS, Column, Section, Table, answered

COLUMNS = (
    Column("Pair", lambda r: r["a"], numeric=False),
    Column("and pair", lambda r: r["b"], numeric=False),
    Column("Pearson r [95 %]", lambda r: estimate(r, "r", 2, prefix="")),
    Column("r given length", lambda r: fixed(r["partial"], 2), hint="partial correlation, protein length held fixed"),
    Column("Proteins", lambda r: count(r["n"])),
)


def section(results: StudyResults) -> Section:
    """Agreement between the pairs."""
    question = results.questions["correlation"]
    return answered(
        question,
        id="correlation",
        kicker="RQ 2",
        title="Do pairs agree on which proteins align well?",
        menu="Agreement",
        part=PAIRS,
        folded=True,
        tables=[Table("correlation", "Every two pairs", question["rows"], COLUMNS)],
    )
