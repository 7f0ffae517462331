"""The research questions that there are: the folders here with a `QUESTION`, and those of installed packages."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config.door import Member, own_members, with_plugins
from .question import Question

if TYPE_CHECKING:
    from ..report.figures.figure import Figure
    from ..report.results import StudyResults
    from ..report.section import Section

GROUP = "alignscape.questions"
OWN = "dataset"  # the figure that is no question's


@cache
def members(*, plugins: bool = True) -> dict[str, Member]:
    """The folder of each question, by name. Raises UserError where a plug-in has the name of another."""
    own = own_members(str(__package__), mark="QUESTION")
    return with_plugins(own, GROUP) if plugins else own


@cache
def questions(*, plugins: bool = True) -> dict[str, Question]:
    """Every question by name, in the order of the page. Raises UserError for a plug-in that does not fit."""
    found = {name: _question(member) for name, member in members(plugins=plugins).items()}
    return dict(sorted(found.items(), key=lambda item: item[1].place))


def _question(member: Member) -> Question:
    folder = member.load()
    found = getattr(folder, "QUESTION", None)
    if not isinstance(found, Question) or not hasattr(folder, "__path__"):
        raise member.fault(f"{member.home} is no folder with `QUESTION = Question(...)` in its __init__.py")
    if not member.word.isidentifier():
        raise member.fault("a question is also a rule, whose name has letters, digits and underscores only")
    return found


def labels(*, plugins: bool = True) -> dict[str, str]:
    """What each question is called in lists, by name."""
    return {name: question.label for name, question in questions(plugins=plugins).items()}


def analyse(name: str, evidence: Any, *, plugins: bool = True) -> dict[str, Any]:
    """The result of one question (docs/outputs.md)."""
    return members(plugins=plugins)[name].load("analysis").run(evidence)


def part(name: str, module: str, *, plugins: bool = True) -> str | None:
    """The full name of a module in a question's folder, such as `section`; None if it has none of this name."""
    found = f"{members(plugins=plugins)[name].home}.{module}"
    return found if find_spec(found) else None


def sections(*, plugins: bool = True) -> "Mapping[str, Callable[[StudyResults], Section | None]]":
    """What makes the section of each question that has one, in the order of the page."""
    known = members(plugins=plugins)
    shown = (name for name in questions(plugins=plugins) if part(name, "section", plugins=plugins))
    return {name: known[name].load("section").section for name in shown}


def figures(*, plugins: bool = True) -> dict[str, str]:
    """The question behind each figure; `dataset` for the page's own of the proteins."""
    asked = questions(plugins=plugins).items()
    return {figure: name for name, question in asked for figure in question.figures} | {OWN: OWN}


def caption(figure: str, *, plugins: bool = True) -> Path:
    """The caption of a figure, in reStructuredText."""
    if figure == OWN:
        return Path(__file__).parents[1] / "report" / "sections" / f"{OWN}.rst"
    name = figures(plugins=plugins)[figure]
    (folder,) = members(plugins=plugins)[name].load().__path__
    return Path(folder) / ("caption.rst" if figure == name else f"{figure}.rst")


def describe(results: "StudyResults") -> "dict[str, list[Figure]]":
    """Every figure of the study by its question, with its caption; one that has nothing to draw says why."""
    described: dict[str, list[Figure]] = {}
    plugins = results.study.plugins
    for figure, name in figures(plugins=plugins).items():
        words = " ".join(caption(figure, plugins=plugins).read_text(encoding="utf-8").split())
        described.setdefault(name, []).append(replace(_describe(results, figure, name), caption=words))
    return described


def _describe(results: "StudyResults", figure: str, name: str) -> "Figure":
    from ..report.figures.figure import Figure

    if name == OWN:
        from ..report.sections.dataset import lengths_and_counts

        return lengths_and_counts(results)
    if name not in results.questions:
        return Figure(figure, figure, absent="Not part of this run.")
    if why := results.questions[name].get("not_testable"):
        return Figure(figure, figure, absent=f"Not testable: {why}")
    member = members(plugins=results.study.plugins)[name]
    if (make := getattr(member.load("figures"), figure, None)) is None:
        raise member.fault(f"figures.py has no function {figure}, a figure that QUESTION names")
    return make(results)
