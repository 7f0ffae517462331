"""Measures that need no training, and whether they predict the trained score."""

from functools import partial

from ...alignment.measures import TITLES
from ...report.numbers import count, estimate, fixed, probability
from ...report.results import StudyResults
from ...report.section import HELPS, Column, Row, Section, Table, answered, paragraphs
from .figures import measured, title, with_null

PREDICTS = (
    Column("Measure", lambda r: TITLES.get(r["measure"], r["measure"]), numeric=False),
    Column(
        "Spearman with the score [95 %]", lambda r: _foretold(r), hint="above 0: more alike goes with a higher score"
    ),
    Column("p", lambda r: probability(r["p"])),
    Column("p, corrected", lambda r: probability(r["p_corrected"]), hint="by Holm, over the measures"),
    Column("Pairs", lambda r: count(r["pairs"])),
)
DIMENSIONS = (
    Column("Encoder", lambda r: r["encoder"], numeric=False),
    Column("Of", lambda r: {"structure": "structures", "text": "texts"}[r["side"]], numeric=False),
    Column("Intrinsic dimension [95 %]", lambda r: estimate(r, "dimension", 1, prefix=""), hint="TwoNN"),
    Column("Proteins", lambda r: count(r["n"]), hint="that are no copies of another in this encoder"),
)
FILE = ("measure", "spearman", "low", "high", "p", "p_corrected", "pairs", "why")


def section(results: StudyResults) -> Section:
    """Measures on the raw embeddings against the trained score."""
    question = results.questions["screening"]
    rows = question["rows"]
    return answered(
        question,
        id="screening",
        title="Can pairs be screened without training anything?",
        menu="Screening",
        part=HELPS,
        lead=paragraphs(question.get("left_out") and f"{question['left_out']}."),
        tables=[
            Table(
                "screening-predicts",
                "How well they predict the score",
                question.get("predicts", []),
                PREDICTS,
                order=FILE,
            ),
            Table("screening", "Every pair without training", rows, _columns(rows)),
            Table(
                "screening-dimensions",
                "Intrinsic dimension",
                question.get("dimensions", []),
                DIMENSIONS,
                order=("encoder", "side", "dimension", "low", "high", "n"),
            ),
        ],
    )


def _columns(rows: list[Row]) -> tuple[Column, ...]:
    """The pair, its measures and the trained score."""
    pair = Column("Pair", lambda r: r["label"], numeric=False)
    score = Column("Calibrated score", lambda r: fixed(r["calibrated"]), hint="after training")
    return (pair, *(Column(title(m), partial(with_null, measure=m)) for m in measured(rows)), score)


def _foretold(row: Row) -> str:
    return " · ".join(filter(None, (estimate(row, "spearman", 2, prefix=""), row["why"])))
