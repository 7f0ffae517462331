"""RQ5: are deeper heads better?"""

from ...report.numbers import count, estimate, fixed, probability
from ...report.results import StudyResults
from ...report.section import HELPS, Column, Section, Table, answered

COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Layers", lambda r: count(r["layers"])),
    Column("Calibrated score [95 %]", lambda r: estimate(r, "calibrated")),
    Column("Paper's score [95 %]", lambda r: estimate(r, "score", prefix="")),
    Column("SD over seeds", lambda r: fixed(r["sd"])),
    Column("Proteins", lambda r: count(r["n"])),
)
DIFFERENCES = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Layers", lambda r: f"{r['from']} → {r['to']}"),
    Column("Difference [95 %]", lambda r: estimate(r, "difference", prefix="")),
    Column("p", lambda r: probability(r["p"])),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
)
FILE = ("label", "gdm", "llm", "from", "to", "difference", "low", "high", "p", "p_corrected")


def section(results: StudyResults) -> Section:
    """Heads of one, two and three layers."""
    question = results.questions["depth"]
    differences = question.get("differences", [])
    return answered(
        question,
        id="depth",
        kicker="RQ 5",
        title="Do deeper heads align better?",
        menu="Depth",
        part=HELPS,
        tables=[
            Table("depth", "Every pair and depth", question["rows"], COLUMNS),
            Table("depth-differences", "Differences, protein by protein", differences, DIFFERENCES, order=FILE),
        ],
    )
