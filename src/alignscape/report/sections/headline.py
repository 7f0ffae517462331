"""The first thing to read: which pair aligns best, and which cannot be told apart."""

from ..numbers import estimate, probability
from ..results import StudyResults
from ..section import Column, Section, Table, answered
from ..verdict import pill

COLUMNS = (
    Column("Pair", lambda r: r["a"], numeric=False),
    Column("against", lambda r: r["b"], numeric=False),
    Column("Difference", lambda r: estimate(r, "difference", prefix="")),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
    Column("Verdict", lambda r: pill(r["verdict"]), numeric=False),
)


def headline(results: StudyResults) -> Section:
    """The answer of the study, and every comparison behind it; that of the pairs where none were compared."""
    question = results.questions.get("separability")
    if question is None:
        return Section("answer", "Which pair aligns best?", "Answer", results.questions["pairs"]["answer"])
    table = Table("separability", "Every comparison of two pairs", question["rows"], COLUMNS)
    return answered(question, id="answer", title="Which pair aligns best?", menu="Answer", tables=[table])
