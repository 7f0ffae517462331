"""RQ3: single against multiple chains."""

from ...report.labels import COUNTED
from ...report.numbers import count, estimate, fixed, probability
from ...report.results import StudyResults
from ...report.section import PROTEINS, Column, Section, Table, answered

COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Counted", lambda r: COUNTED.get(r["counted"], r["counted"]), numeric=False),
    Column("Single", lambda r: count(r["n_single"])),
    Column("Multiple", lambda r: count(r["n_multiple"])),
    Column("Median match, single", lambda r: fixed(r["median_single"])),
    Column("Median match, multiple", lambda r: fixed(r["median_multiple"])),
    Column(
        "Effect [95 %]",
        lambda r: estimate(r, "effect", 2),
        hint="rank-biserial; above 0 if a single chain matches better",
    ),
    Column("p, corrected", lambda r: probability(r["p_corrected"]), hint="of the effect"),
)


def section(results: StudyResults) -> Section:
    """Single against multiple chains."""
    question = results.questions["chains"]
    return answered(
        question,
        id="chains",
        kicker="RQ 3",
        title="Do single-chain proteins align better than complexes?",
        menu="Chains",
        part=PROTEINS,
        tables=[Table("chains", "Single and multiple, by pair", question["rows"], COLUMNS)],
    )
