"""A study of 400 pairs: its page and its figures show the highest, say so, and stay small."""

import pytest

from alignscape.questions.registry import describe
from alignscape.report.answer.ranking import ranking
from alignscape.report.figures.figure import Matrix, Rows
from alignscape.report.leading import MOST_BASELINES, MOST_PAIRS, leading
from alignscape.report.results import StudyResults
from tests.helpers import made_questions
from tests.helpers.made_study import made_study
from tests.helpers.whole_page import render_page

COPIES = {"gdms": 4, "llms": 10}  # of each of five structure encoders and two language models: 20 x 20 pairs
CELLS = 30_000  # of tables and matrices; all pairs took some 640,000
BYTES = 10_000_000


@pytest.fixture(scope="module")
def wide() -> StudyResults:
    with pytest.MonkeyPatch.context() as patch:
        for names, copies in ((made_questions.GDMS, COPIES["gdms"]), (made_questions.LLMS, COPIES["llms"])):
            for name, level in list(names.items()):
                for k in range(1, copies):
                    patch.setitem(names, f"{name}+{k}", level - 0.004 * k)
        return made_study(60)


def test_of_many_pairs_the_page_has_the_highest_and_says_where_all_are(wide: StudyResults) -> None:
    page = render_page(wide)
    assert len(ranking(wide).main) == 400
    assert page.count("<td") < CELLS
    assert len(page) < BYTES
    assert f"the {MOST_PAIRS} highest of 400 pairs" in page
    assert "With relatives held out none of these 43 is above chance." in page
    assert "Take published weights for the 12 encoders that have them" in page
    assert "pairs.tsv and the folder analysis of the study have every pair" in page
    assert "360 lower pairs and 17 lower baselines are in the table of every pair." in page


def test_figures_of_pairs_have_the_highest_and_name_how_many_there_are(wide: StudyResults) -> None:
    highest = {r.label for r in ranking(wide).main[:MOST_PAIRS]}
    figures = {f.name: f for found in describe(wide).values() for f in found if not f.absent}
    for name in ("pairs", "length_slopes", "rarity", "leakage_scores", "depth"):
        (panel,) = figures[name].panels
        assert isinstance(panel, Rows)
        main = {row.name.text for row in panel.rows if not row.name.text.startswith("composition")}
        assert main == highest, name
        assert len(panel.rows) <= MOST_PAIRS + MOST_BASELINES
        assert "the 40 highest of 400 pairs" in figures[name].subtitle
    (agreement,) = figures["correlation"].panels
    assert isinstance(agreement, Matrix)
    assert {n.text for n in agreement.names if not n.note} == highest
    assert len(agreement.cells) == len(agreement.names) == len(agreement.cells[0])
    assert not agreement.linkage


def test_encoders_keep_their_colours_where_pairs_are_left_out(wide: StudyResults) -> None:
    few = leading(wide)
    order = [list(dict.fromkeys(r["gdm"] for r in study.rows("pairs"))) for study in (wide, few)]
    assert order[0] == order[1]
    assert [r.label for r in ranking(few).main] == [r.label for r in ranking(wide).main[:MOST_PAIRS]]


def test_a_study_that_has_room_for_all_its_pairs_is_left_as_it_is() -> None:
    results = made_study(20)
    assert leading(results) is results
    assert "highest of" not in render_page(results)
