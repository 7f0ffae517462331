"""RQ6: does fine-tuning the language model help, and is it the content that helps?"""

from ...report.numbers import count, estimate, fixed, probability
from ...report.results import StudyResults
from ...report.section import HELPS, Column, Section, Table, answered
from .figures import KINDS

COLUMNS = (
    Column("Structure encoder", lambda r: r["gdm"], numeric=False),
    Column("Language model", lambda r: r["llm"], numeric=False),
    Column("Base", lambda r: r["base"], numeric=False),
    Column("What", lambda r: KINDS.get(r["kind"], r["kind"]), numeric=False),
    Column("Calibrated score [95 %]", lambda r: estimate(r, "calibrated")),
    Column("Paper's score [95 %]", lambda r: estimate(r, "score", prefix="")),
    Column("SD over seeds", lambda r: fixed(r["sd"])),
    Column("Proteins", lambda r: count(r["n"])),
)
DIFFERENCES = (
    Column("Structure encoder", lambda r: r["gdm"], numeric=False),
    Column("Difference", lambda r: f"{r['a']} − {r['b']}", numeric=False),
    Column("Difference [95 %]", lambda r: estimate(r, "difference", prefix=""), hint="of the calibrated score"),
    Column("p", lambda r: probability(r["p"])),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
)
FILE = ("gdm", "base", "a", "b", "difference", "low", "high", "p", "p_corrected")


def section(results: StudyResults) -> Section:
    """The language model as published, fine-tuned, and the control."""
    question = results.questions["fine_tuning"]
    differences = question.get("differences", [])
    return answered(
        question,
        id="fine-tuning",
        kicker="RQ 6",
        title="Does fine-tuning the language model on proteins help?",
        menu="Fine-tuning",
        part=HELPS,
        tables=[
            Table("fine-tuning", "Base, tuned and control", question["rows"], COLUMNS),
            Table("fine-tuning-differences", "Differences", differences, DIFFERENCES, order=FILE),
        ],
    )
