"""How much of the test set the training set already knows, and what that does to the scores."""

from ...report.labels import SPLITS
from ...report.numbers import count, share
from ...report.results import StudyResults
from ...report.section import Column, Section, Table, answered

SUMMARY = (
    Column("Split", lambda r: SPLITS.get(r["split"], r["split"]), numeric=False),
    Column("Test proteins", lambda r: count(r["n"])),
    Column("Median identity", lambda r: share(r["median"]), hint="to the nearest training protein"),
    Column("≥ 30 %", lambda r: share(r["share_30"])),
    Column("≥ 50 %", lambda r: share(r["share_50"])),
    Column("≥ 90 %", lambda r: share(r["share_90"])),
    Column("100 %", lambda r: share(r["share_100"])),
    Column("Same text", lambda r: share(r["same_text"])),
    Column("Same name and organism", lambda r: share(r["same_name_organism"])),
)
FILE = (
    "split", "n", "n_known", "median", "share_30", "share_50", "share_90", "share_100",
    "same_text", "same_name_organism",
)  # fmt: skip


def section(results: StudyResults) -> Section:
    """What the training set knows of the test proteins, and the scores of both splits."""
    question = results.questions["leakage"]
    summary = question.get("summary", [])
    return answered(
        question,
        id="leakage",
        title="How much of the score is recognition of relatives?",
        menu="Leakage",
        tables=[Table("leakage-summary", "Test proteins the training set knows", summary, SUMMARY, False, order=FILE)],
    )
