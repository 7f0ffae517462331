"""Figures as files, for papers and for Snakemake's own report: the same numbers as on the page."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .plots import canvas, planes, proteins, rows
from .results import StudyResults

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# file's stem -> the analysis it needs ("" for none), and what draws it
FIGURES: dict[str, tuple[str, Callable[[StudyResults], "Figure"]]] = {
    "separability": ("separability", rows.separability),
    "pairs": ("pairs", rows.pairs),
    "correlation": ("correlation", planes.correlation),
    "length": ("length", proteins.length),
    "length_slopes": ("length", rows.slopes),
    "rarity": ("rarity", rows.rarity),
    "chains": ("chains", proteins.chains),
    "dimension": ("dimension", planes.dimension),
    "depth": ("depth", rows.depth),
    "fine_tuning": ("fine_tuning", rows.fine_tuning),
    "leakage": ("leakage", proteins.leakage),
    "screening": ("screening", planes.screening),
    "methods": ("methods", rows.methods),
    "dataset": ("", proteins.dataset),
}


def draw_figures(results: StudyResults, out_dir: Path) -> list[Path]:
    """Every figure as .svg and .png under `out_dir`; one whose data are missing says so in words.

    The list of files is the same for every study. Equal results give equal bytes.
    """
    with canvas.style():
        drawn = {name: draw_figure(results, question, draw) for name, (question, draw) in FIGURES.items()}
        return [path for name, figure in drawn.items() for path in canvas.save(figure, Path(out_dir) / name)]


def draw_figure(results: StudyResults, question: str, draw: Callable[[StudyResults], "Figure"]) -> "Figure":
    """One figure, or why there is none."""
    if question and question not in results.questions:
        return canvas.note("Not part of this run.")
    if question and (why := results.questions[question].get("not_testable")):
        return canvas.note(f"Not testable: {why}")
    return draw(results)
