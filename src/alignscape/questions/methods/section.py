"""What the options of method change."""

from ...report.numbers import count, estimate, fixed, probability, share
from ...report.results import StudyResults
from ...report.section import HELPS, Column, Section, Table, answered

COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Method", lambda r: r["method"], numeric=False),
    Column("Changes", lambda r: r["changes"], numeric=False),
    Column("Calibrated score [95 %]", lambda r: estimate(r, "calibrated")),
    Column("Paper's score [95 %]", lambda r: estimate(r, "score", prefix="")),
    Column("Difference to default", lambda r: estimate(r, "difference")),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
    Column("R@1", lambda r: share(r["recall_text_1"])),
    Column("MRR", lambda r: fixed(r["mrr_text"])),
    Column("Proteins", lambda r: count(r["n"])),
)


def section(results: StudyResults) -> Section:
    """Loss, temperature, negatives and pooling, each against the default."""
    question = results.questions["methods"]
    return answered(
        question,
        id="methods",
        title="What would another method change?",
        menu="Methods",
        part=HELPS,
        tables=[Table("methods", "Every option against the default", question["rows"], COLUMNS)],
    )
