"""What the analyses really write is what the page reads: no layout of one without the other."""

import json

import pytest

from alignscape.config.study import Variant
from alignscape.questions.evidence.tables import plain
from alignscape.questions.registry import analyse, describe, figures, labels, questions
from alignscape.report.figures.printed.draw import draw
from alignscape.report.figures.printed.style import style
from alignscape.report.results import StudyResults
from tests.helpers.made_evidence import VARIANTS, Made, make_facts, make_study
from tests.helpers.made_study import made_config
from tests.helpers.whole_page import render_page

QUESTIONS = tuple(questions())
LEVELS = {"gearnet": 0.55, "scannet": 0.6, "gvp": 0.4, "gat": 0.25}


@pytest.fixture(scope="module")
def answered() -> StudyResults:
    """Every question of a study of 300 made proteins with two splits, three depths and an option of method."""
    variants = VARIANTS | {"symmetric": Variant(loss="symmetric")}
    pairs = {
        (g, m, v): Made(pos=level + 0.03 * (m == "large") + 0.02 * (v == "layers2"))
        for g, level in LEVELS.items()
        for m in ("small", "large")
        for v in variants
    }
    facts = {
        f"P{i:05d}": make_facts(f"P{i:05d}", length=60 + i, entities=1 + i % 3 // 2, chains=1 + i % 2)
        for i in range(300)
    }
    evidence = make_study(
        pairs, n=300, test=200, splits=("kfold", "kfold_cluster"), variants=variants, methods=["symmetric"], facts=facts
    )
    questions = {q: json.loads(json.dumps(plain(analyse(q, evidence)))) for q in QUESTIONS}
    return StudyResults(
        study=made_config(), questions=questions, facts=[f.to_json() for f in facts.values()], labels=labels()
    )


def test_every_analysis_is_shown(answered: StudyResults) -> None:
    """Each answer is on the page; nothing that it reads is missing."""
    page = render_page(answered)
    assert "Not part of this run" not in page
    for name in ("pairs", "correlation", "length", "chains", "depth", "findings"):
        assert not answered.questions[name].get("not_testable"), name
    assert page.count('class="answer') >= len(QUESTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("name", figures())
def test_every_figure_is_drawn(answered: StudyResults, name: str) -> None:
    """From the same results; what the made study lacks (a ladder, a fine-tuned model) is said."""
    [figure] = [f for f in describe(answered)[figures()[name]] if f.name == name]
    with style():
        drawn = draw(figure)
    assert drawn.texts if figure.absent else all(axes.has_data() for axes in drawn.axes[: len(figure.printed_panels)])
