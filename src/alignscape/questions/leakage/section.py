"""How much of the test set the training set already knows, and what that does to the scores."""

from functools import partial

from ...report.labels import SPLITS
from ...report.numbers import count, share
from ...report.results import StudyResults
from ...report.section import TRUST, Column, Row, Section, Table, answered
from .composition import ALL, EC_CLASSES, LARGE

SUMMARY = (
    Column("Split", lambda r: SPLITS.get(r["split"], r["split"]), numeric=False),
    Column("Test proteins", lambda r: count(r["n"])),
    Column("Median identity", lambda r: share(r["median"]), hint="to the nearest training protein"),
    Column("≥ 30 %", lambda r: share(r["share_30"])),
    Column("≥ 50 %", lambda r: share(r["share_50"])),
    Column("≥ 90 %", lambda r: share(r["share_90"])),
    Column("100 %", lambda r: share(r["share_100"])),
    Column(
        "≥ 30 %, any length", lambda r: share(r.get("any_length_30")), hint="likeness over a shorter stretch included"
    ),
    Column("Same text", lambda r: share(r["same_text"])),
    Column("Same name and organism", lambda r: share(r["same_name_organism"])),
    Column("Seen before", lambda r: count(r.get("seen", 0)), hint="relatives of what shipped weights or texts know"),
)
FILE = (
    "split", "n", "n_known", "median", "share_30", "share_50", "share_90", "share_100", "any_length_30",
    "same_text", "same_name_organism", "seen",
)  # fmt: skip


def _enzymes(number: int, row: Row) -> str:
    return share(row[f"ec_{number}"])


TESTED = ("part", "n", "clusters", "alone", "large", "enzymes", *(f"ec_{n}" for n in EC_CLASSES))
COMPOSITION = (
    Column(
        "Proteins",
        lambda r: "all of the study" if r["part"] == ALL else SPLITS.get(r["part"], r["part"]),
        numeric=False,
    ),
    Column("Number", lambda r: count(r["n"])),
    Column("Clusters", lambda r: count(r["clusters"])),
    Column("Alone", lambda r: share(r["alone"]), hint="no other protein of the study in their sequence cluster"),
    Column(
        "In large families",
        lambda r: share(r["large"]),
        hint=f"more than {LARGE} proteins of the study in their cluster",
    ),
    Column("Enzymes", lambda r: share(r["enzymes"]), hint="their file states an EC number"),
    *(Column(f"EC {n}", partial(_enzymes, n)) for n in EC_CLASSES),
)


def section(results: StudyResults) -> Section:
    """What the training set knows of the test proteins, and the scores of both splits."""
    question = results.questions["leakage"]
    summary, tested = question.get("summary", []), question.get("composition", [])
    return answered(
        question,
        id="leakage",
        title="How much of the score is recognition of relatives?",
        menu="Leakage",
        part=TRUST,
        tables=[
            Table("leakage-summary", "Test proteins the training set knows", summary, SUMMARY, order=FILE),
            Table("leakage-composition", "What each split tests", tested, COMPOSITION, order=TESTED),
        ],
    )
