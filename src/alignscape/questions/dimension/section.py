"""RQ4: does a wider structure embedding align better?"""

from ...report.numbers import count, estimate, fixed, probability
from ...report.results import StudyResults
from ...report.section import HELPS, Column, Section, Table, answered
from .figures import CONTROLS

COLUMNS = (
    Column("Language model", lambda r: r["llm"], numeric=False),
    Column("Structure encoder", lambda r: r["gdm"], numeric=False),
    Column("Dimension", lambda r: count(r["dimension"])),
    Column("What", lambda r: CONTROLS.get(r["control"], r["control"]), numeric=False),
    Column("Calibrated score [95 %]", lambda r: estimate(r, "calibrated")),
    Column("Paper's score [95 %]", lambda r: estimate(r, "score", prefix="")),
    Column("SD over seeds", lambda r: fixed(r["sd"])),
    Column("Proteins", lambda r: count(r["n"])),
)
TREND = (
    Column("Language model", lambda r: r["llm"], numeric=False),
    Column("What", lambda r: CONTROLS.get(r["control"], r["control"]), numeric=False),
    Column("Score per doubling [95 %]", lambda r: estimate(r, "slope", prefix="")),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
    Column("Widths", lambda r: count(r["rungs"])),
)
TREND_FILE = ("llm", "control", "slope", "low", "high", "p", "p_corrected", "rungs")


def section(results: StudyResults) -> Section:
    """The width of the structure embedding, with two controls."""
    question = results.questions["dimension"]
    return answered(
        question,
        id="dimension",
        kicker="RQ 4",
        title="Does a wider structure embedding align better?",
        menu="Dimension",
        part=HELPS,
        tables=[
            Table("dimension", "Every width", question["rows"], COLUMNS),
            Table("dimension-trend", "Trend", question.get("trend", []), TREND, order=TREND_FILE),
        ],
    )
