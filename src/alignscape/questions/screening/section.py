"""Measures that need no training, and whether they predict the trained score."""

from functools import partial

from ...report.numbers import count, estimate, fixed, probability
from ...report.results import StudyResults
from ...report.section import HELPS, Column, Section, Table, answered
from .figures import MEASURES, with_null

COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    *(Column(title, partial(with_null, measure=m)) for m, title in MEASURES.items()),
    Column("Calibrated score", lambda r: fixed(r["calibrated"]), hint="after training"),
)
PREDICTS = (
    Column("Measure", lambda r: MEASURES.get(r["measure"], r["measure"]), numeric=False),
    Column("Spearman with the score [95 %]", lambda r: estimate(r, "spearman", 2, prefix="")),
    Column("p", lambda r: probability(r["p"])),
    Column("Pairs", lambda r: count(r["pairs"])),
)


FILE = ("measure", "spearman", "low", "high", "p", "pairs")


def section(results: StudyResults) -> Section:
    """Three measures on the raw embeddings against the trained score."""
    question = results.questions["screening"]
    predicts = question.get("predicts", [])
    return answered(
        question,
        id="screening",
        title="Can pairs be screened without training anything?",
        menu="Screening",
        part=HELPS,
        tables=[
            Table("screening", "Every pair without training", question["rows"], COLUMNS),
            Table("screening-predicts", "How well they predict the score", predicts, PREDICTS, order=FILE),
        ],
    )
