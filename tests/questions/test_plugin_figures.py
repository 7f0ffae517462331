"""A plug-in's question brings its figures as alignscape's own do: no line of the report knows them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from alignscape.errors import UserError
from alignscape.questions.registry import caption, describe, figures, sections
from alignscape.report.figures.printed.draw import draw_figures
from alignscape.report.page import render_page
from alignscape.report.results import StudyResults
from tests.helpers.made_plugin import edit, forget, installed_plugin
from tests.helpers.made_study import made_study

DESCRIBED = '''"""The mean of each pair."""

from alignscape.report.figures.axis import Axis
from alignscape.report.figures.figure import Figure, Name, Row, Rows
from alignscape.report.figures.marks import Estimate


def size_means(results):
    rows = [Row(Name(r["label"]), [Estimate(r["mean"])], str(r["mean"])) for r in results.rows("sizes")]
    return Figure("size_means", "Means by size", [Rows(rows, Axis("score", reference=0.0))])
'''


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The plug-in's question, with a figure."""
    with installed_plugin(tmp_path) as place:
        question = place / "lab_shapes" / "sizes"
        edit(question / "__init__.py", 'figures=("sizes",)', 'figures=("size_means",)')
        (question / "figures.py").write_text(DESCRIBED)
        (question / "size_means.rst").write_text("The mean score\nof each pair.\n")
        forget()
        yield question


@pytest.fixture
def results() -> StudyResults:
    made = made_study(30)
    rows = [{"label": "shapes × letters", "mean": 0.1234}, {"label": "composition × words", "mean": -0.2}]
    answer = {"question": "sizes", "answer": "2 pairs were asked.", "rows": rows, "not_testable": None}
    return replace(made, questions={**made.questions, "sizes": answer})


def test_its_figure_is_on_the_page_and_among_the_files(folder: Path, results: StudyResults, tmp_path: Path) -> None:
    """Once described, in its section with its caption, and as SVG, PNG and PDF; shut out with all plug-ins."""
    assert figures()["size_means"] == "sizes"
    assert caption("size_means") == folder / "size_means.rst"
    assert "size_means" not in figures(plugins=False)
    described = describe(results)
    page = render_page(results, sections=sections(), figures=described)
    _, _, section = page.partition('<section id="sizes"')
    shown = section.partition("</section>")[0]
    assert 'id="figure-size_means"' in shown
    assert "The mean score of each pair." in shown
    assert "0.1234" in shown
    written = draw_figures(described["sizes"], tmp_path / "figures")
    assert [path.name for path in written] == ["size_means.svg", "size_means.png", "size_means.pdf"]
    assert "0.1234" in written[0].read_text()


def test_a_figure_that_is_not_described_is_one_line(folder: Path, results: StudyResults) -> None:
    """It names the package, the file and the figure."""
    edit(folder / "figures.py", "def size_means", "def means")
    forget()
    with pytest.raises(UserError, match=r"lab-shapes 0\.3: figures\.py has no function size_means"):
        describe(results)


def test_a_question_without_a_made_answer_is_asked(folder: Path) -> None:
    """The made study, which the tests of the page use, has its answer too: it needs no edit for a new question."""
    made = made_study(30)
    assert [row["label"] for row in made.questions["sizes"]["rows"]] == [r["label"] for r in made.rows("length")]
