"""The page with the sections of all questions, as the workflow makes it."""

from pathlib import Path

from alignscape.questions.registry import describe, sections
from alignscape.report import page
from alignscape.report.results import StudyResults


def render_page(results: StudyResults) -> str:
    """The report as HTML."""
    return page.render_page(results, sections=sections(), figures=describe(results))


def build_page(results: StudyResults, out: Path) -> None:
    """The report in a file."""
    page.build_page(results, out, sections=sections(), figures=describe(results))
