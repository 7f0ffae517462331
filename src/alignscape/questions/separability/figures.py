"""The ranking of the pairs, and who beats whom."""

from collections.abc import Mapping
from typing import Any

from ...report.figures.axis import Axis
from ...report.figures.basis import basis
from ...report.figures.figure import Figure, Key, Matrix, Name, Row, Rows
from ...report.figures.marks import Cell, Estimate
from ...report.leading import of_leading_pairs
from ...report.numbers import estimate, fixed, interval, probability
from ...report.palette import BAD, GOOD, INK, OPEN, gdm_colours
from ...report.results import StudyResults
from ...report.verdict import MARKS

MOST = 40  # pairs in the matrix
SHADES = {"better": GOOD, "worse": BAD, "equal": OPEN, "undecided": OPEN}


@of_leading_pairs
def separability(results: StudyResults) -> Figure:
    """All pairs by their calibrated scores."""
    question, colours = results.questions["separability"], gdm_colours(results.rows("pairs"))
    best = set(question["best"])
    rows = []
    for p in question["pairs"]:
        colour = colours.get(p["gdm"], INK)
        mark = Estimate(p["calibrated"], p["calibrated_low"], p["calibrated_high"], colour=colour)
        rows.append(Row(Name(p["label"], strong=p["label"] in best), [mark], estimate(p, "calibrated")))
    axis = Axis("calibrated score", reference=0.0, holds=[0.0])
    panel = Rows(rows, axis, value="score [95 % interval]")
    return Figure("separability", "The ranking", [panel], subtitle=basis(results))


def comparisons(results: StudyResults) -> Figure:
    """Which pair is better than which."""
    question = results.questions["separability"]
    n = len(question["pairs"])
    if not 2 <= n <= MOST:
        return Figure("comparisons", "Who beats whom", absent=f"Drawn for 2 to {MOST} pairs; there are {n}.")
    cells = [[_cell(question, i, j) for j in range(n)] for i in range(n)]
    panel = Matrix([Name(p["label"]) for p in question["pairs"]], cells)
    legend = [Key(f"{MARKS[word][0]} {word}", "cell", shade) for word, shade in SHADES.items()]
    return Figure("comparisons", "Who beats whom", [panel], legend, subtitle=basis(results))


def _cell(question: Mapping[str, Any], i: int, j: int) -> Cell:
    if i == j:
        return Cell("")
    word, (a, b) = question["verdict"][i][j], (question["pairs"][k]["label"] for k in (i, j))
    difference, low, high, p = (question[k][i][j] for k in ("difference", "low", "high", "p_corrected"))
    numbers = f"{fixed(difference)} {interval(low, high)}, corrected p {probability(p)}"
    return Cell(MARKS[word][0], SHADES[word], tip=f"{a} against {b}: {word}; difference {numbers}")
