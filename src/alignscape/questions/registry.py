"""The research questions that there are: one for each folder here that holds an `analysis.py`."""

import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .question import Question

if TYPE_CHECKING:
    from ..report.results import StudyResults
    from ..report.section import Section

_FOLDER = Path(__file__).parent


@cache
def questions() -> dict[str, Question]:
    """Every question by name, in the order of the page."""
    folders = [m.name for m in pkgutil.iter_modules([str(_FOLDER)]) if (_FOLDER / m.name / "analysis.py").is_file()]
    found = {name: import_module(f"{__package__}.{name}").QUESTION for name in folders}
    return dict(sorted(found.items(), key=lambda item: item[1].place))


def labels() -> dict[str, str]:
    """What each question is called in lists, by name."""
    return {name: question.label for name, question in questions().items()}


def analyse(name: str, evidence: Any) -> dict[str, Any]:
    """The result of one question (docs/outputs.md)."""
    return import_module(f"{__package__}.{name}.analysis").run(evidence)


def section_module(name: str) -> str | None:
    """The module below this package that makes a question's section of the page; None if it has none."""
    return f"questions.{name}.section" if (_FOLDER / name / "section.py").is_file() else None


def sections() -> "Mapping[str, Callable[[StudyResults], Section | None]]":
    """What makes the section of each question that has one, in the order of the page."""
    return {
        name: import_module(f"{__package__}.{name}.section").section for name in questions() if section_module(name)
    }


def figures() -> dict[str, str]:
    """The question behind each figure."""
    return {figure: name for name, question in questions().items() for figure in question.figures}


def caption(figure: str) -> Path:
    """The caption of a figure, in reStructuredText."""
    name = figures()[figure]
    return _FOLDER / name / ("caption.rst" if figure == name else f"{figure}.rst")
