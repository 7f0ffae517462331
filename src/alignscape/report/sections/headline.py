"""The first thing to read: which pair aligns best, and which cannot be told apart."""

from markupsafe import Markup

from ..charts.matrix import Cell, matrix
from ..charts.tracks import Mark, Row, tracks
from ..labels import pair_label
from ..markup import join
from ..numbers import estimate, fixed, interval, probability
from ..palette import gdm_colours
from ..results import StudyResults
from ..section import Column, Section, Table, figure
from ..verdict import MARKS, pill

MOST = 40  # pairs in the matrix
SHADES = {"better": "var(--good-soft)", "worse": "var(--bad-soft)", "equal": "var(--soft)", "undecided": "var(--soft)"}
COLUMNS = (
    Column("Pair", lambda r: r["a"], numeric=False),
    Column("against", lambda r: r["b"], numeric=False),
    Column("Difference", lambda r: estimate(r, "difference", prefix="")),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
    Column("Verdict", lambda r: pill(r["verdict"]), numeric=False),
)


def headline(results: StudyResults) -> Section:
    """The answer of the study, a ranking, and the matrix of comparisons behind it."""
    question = results.questions.get("separability")
    if question is None or question.get("not_testable"):
        answer = question["answer"] if question else results.questions["pairs"]["answer"]
        return Section("answer", "Which pair aligns best?", "Answer", answer, open_question=bool(question))
    colours = gdm_colours(results.rows("pairs"))
    table = Table("separability", "Every comparison of two pairs", question["rows"], COLUMNS)
    return Section(
        id="answer",
        title="Which pair aligns best?",
        menu="Answer",
        answer=question["answer"],
        body=join(_ranking(question, colours), _matrix(question)),
        tables=[table],
        method=question.get("method", ""),
    )


def _ranking(question: dict, colours: dict[str, str]) -> Markup:
    """All pairs by their calibrated scores."""
    best = set(question["best"])
    rows = [
        Row(
            name=pair_label(p, strong=p["label"] in best),
            marks=[
                Mark(
                    p["calibrated"],
                    p["calibrated_low"],
                    p["calibrated_high"],
                    colour=colours.get(p["gdm"], "var(--ink)"),
                )
            ],
            text=estimate(p, "calibrated"),
        )
        for p in question["pairs"]
    ]
    caption = (
        "All main pairs by calibrated score, with 95 % intervals. Names in bold: no other pair is better by the "
        "corrected test. The dashed line is zero, the chance level of every pair."
    )
    return figure(tracks(rows, axis="calibrated score"), caption=caption, title="The ranking")


def _matrix(question: dict) -> Markup | None:
    pairs, verdict = question["pairs"], question["verdict"]
    if not 2 <= len(pairs) <= MOST:
        return None

    def cell(i: int, j: int) -> Cell:
        if i == j:
            return Cell("")
        word = verdict[i][j]
        bounds = interval(question["low"][i][j], question["high"][i][j])
        numbers = (
            f"{fixed(question['difference'][i][j])} {bounds}, corrected p {probability(question['p_corrected'][i][j])}"
        )
        tip = f"{pairs[i]['label']} against {pairs[j]['label']}: {word}; difference {numbers}"
        return Cell(MARKS[word][0], SHADES[word], tip=tip)

    caption = (
        "Each row against each column: ▲ better, ▽ worse, = equal within 0.02, · undecided by these proteins and seeds."
    )
    grid = matrix([pair_label(p) for p in pairs], cell, caption="Which pair is better than which")
    return figure(grid, caption=caption, title="Who beats whom")
