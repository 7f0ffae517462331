"""The first sentence follows a written rule, from what the analyses really write."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from alignscape.questions.evidence.catalogue import Encoder
from alignscape.questions.evidence.tables import plain
from alignscape.questions.registry import analyse, labels
from alignscape.report.answer.checklist import ABSENT, BAD, GOOD, ITEMS, OPEN, SOME, checklist
from alignscape.report.answer.headline import headline
from alignscape.report.answer.next_steps import next_steps
from alignscape.report.answer.ranking import ranking
from alignscape.report.publish import summary
from alignscape.report.results import StudyResults
from tests.helpers.made_evidence import Made, make_study
from tests.helpers.made_study import made_config
from tests.helpers.whole_page import render_page

SPLITS = ("kfold", "kfold_cluster")
COMPOSITION = Encoder("composition", "composition", "baseline", weights_state="none")


def study(
    levels: dict[str, float],
    *,
    baseline: float | None = 0.1,
    held: Callable[[float], float] = lambda pos: pos,
    **more: object,
) -> StudyResults:
    """A study of 300 proteins whose pairs have these calibrated scores, and others where relatives are held out."""
    pairs = {(name, "llm"): Made(pos=pos) for name, pos in levels.items()}
    gdms = {name: Encoder(name, "gearnet", "main", weights_state="trained here") for name in levels}
    if baseline is not None:
        pairs["composition", "llm"] = Made(pos=baseline)
        gdms["composition"] = COMPOSITION
    evidence = make_study(
        pairs, splits=SPLITS, gdms=gdms, by_split=lambda s, m: replace(m, pos=held(m.pos)) if "cluster" in s else m
    )
    questions = {q: json.loads(json.dumps(plain(analyse(q, evidence)))) for q in ("pairs", "separability")}
    return StudyResults(study=made_config(**more), questions=questions, labels=labels())


CASES = {
    "baseline wins": lambda: study({"a": 0.5, "b": 0.4}, baseline=0.7),
    "not told from a baseline": lambda: study({"a": 0.5, "b": 0.4}, baseline=0.47),
    "one winner": lambda: study({"a": 0.6, "b": 0.4, "c": 0.3}),
    "several": lambda: study({"a": 0.5, "b": 0.5, "c": 0.2}),
    "nothing above shuffled texts": lambda: study({"a": 0.0, "b": 0.0}, baseline=None),
    "winner falls without relatives": lambda: study({"a": 0.6, "b": 0.4}, held=lambda pos: 0.0),
    "only one pair": lambda: study({"a": 0.6}, baseline=None),
}
SAYS = {
    "baseline wins": r"^On these proteins no structure encoder is worth taking yet\. A baseline without 3D structure, composition × llm "
    r"\(amino-acid fractions, length, numbers of chains\), matches descriptions better than the highest of 2 pairs: 0\.\d{3} against 0\.\d{3} "
    r"for a × llm, difference 0\.\d{3} \[0\.\d{3}, 0\.\d{3}\]\. The descriptions state length and chains, so part of its lead may be that\.",
    "not told from a baseline": "^No structure encoder is shown to be better than a baseline yet",
    "one winner": r"^Take a with llm\. It has 0\.\d{3} \[.*\], ahead of all 2 others beyond chance\. With relatives held out it stays above chance: 0\.\d{3}",
    "several": r"^Take either of 2 pairs\. The highest, [ab] × llm, has .*; 1 of the 2 others cannot be told from it\. With relatives held out 2 of these 2 stay above chance\.",
    "nothing above shuffled texts": r"^No pair is shown to know these proteins\. Of 2 pairs none is above shuffled texts; the highest, [ab] × llm, has .*, where 0 is chance",
    "winner falls without relatives": r"^Take a with llm only for proteins related to those you train on\. .* With relatives held out nothing above chance remains",
    "only one pair": r"^A with llm is above chance\. .* there is no other pair to compare it with",
}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[str, StudyResults]:
    """A case and a study of which it holds."""
    return request.param, CASES[request.param]()


def test_each_case_has_its_sentence(case: tuple[str, StudyResults]) -> None:
    """The rule that holds for the made study is the one that is said, in words that name its pairs and numbers."""
    name, results = case
    said = headline(results)
    assert said.case == name
    assert re.search(SAYS[name], said.sentence), said.sentence


def test_page_summary_and_terminal_say_the_same(case: tuple[str, StudyResults]) -> None:
    """The title is the page's first heading, and summary.json, which `show` prints, has the whole sentence."""
    said, page = headline(case[1]), render_page(case[1])
    assert f'<h2 id="answer-title">{said.title}</h2>' in page
    assert summary(case[1])["answer"] == said.sentence
    assert summary(case[1])["case"] == said.case


def test_the_checklist_is_the_same_items_for_every_study(case: tuple[str, StudyResults]) -> None:
    """In a fixed order, each with a verdict that the page has a mark for."""
    checks = checklist(case[1])
    assert len(checks) == len(ITEMS)
    assert [c.what for c in checks] == [c.what for c in checklist(CASES["one winner"]())]
    assert {c.verdict for c in checks} <= {GOOD, SOME, BAD, OPEN, ABSENT}
    assert not any(c.what.startswith("The same") for c in checks)  # each is read alone


@pytest.mark.parametrize(
    ("name", "what", "verdict"),
    [
        ("baseline wins", "Highest pair above every baseline", BAD),
        ("not told from a baseline", "Highest pair above every baseline", OPEN),
        ("one winner", "Highest pair above every baseline", GOOD),
        ("only one pair", "Highest pair above every baseline", ABSENT),
        ("nothing above shuffled texts", "Above shuffled texts", BAD),
        ("winner falls without relatives", "Above shuffled texts, relatives held out", BAD),
        ("several", "Highest pair told from the others", SOME),
    ],
)
def test_the_checklist_sees_what_is_wrong(name: str, what: str, verdict: str) -> None:
    """The item of a made fault has the verdict of it."""
    [found] = [c for c in checklist(CASES[name]()) if c.what == what]
    assert found.verdict == verdict, found


def test_next_steps_follow_from_the_study() -> None:
    """A baseline of counts that wins asks for texts without them, once; more proteins where something is undecided; commands that name the best pair."""
    steps = next_steps(CASES["baseline wins"]())
    assert "text: {drop: [length, chains]}" in [s.write for s in steps]
    hidden = study({"a": 0.5, "b": 0.4}, baseline=0.7, text={"drop": ["length", "chains"]})
    assert not [s for s in next_steps(hidden) if "drop" in s.write]
    assert [s for s in next_steps(CASES["several"]()) if "would tell" in s.what and "proteins" in s.what]
    assert "alignscape export a llm --out heads --config my.yaml" in [
        s.write for s in next_steps(CASES["one winner"]())
    ]


def test_baselines_stand_apart_and_the_rest_in_the_order_of_the_score() -> None:
    """What the best pair cannot be told from is its own row of the verdicts, not a row of another pair."""
    found = ranking(CASES["several"]())
    assert [r.label for r in found.baselines] == ["composition × llm"]
    assert {r.label for r in found.level} == {"a × llm", "b × llm"}
    assert [r.label for r in found.behind] == ["c × llm"]


def test_an_unknown_state_of_weights_is_said_as_it_is() -> None:
    """A state that this page does not know breaks nothing."""
    results = CASES["one winner"]()
    rows = [r | {"gdm_weights": "lent <b>"} for r in results.rows("pairs")]
    page = render_page(
        replace(results, questions={**results.questions, "pairs": {**results.questions["pairs"], "rows": rows}})
    )
    assert "lent &lt;b&gt;" in page


def test_a_language_model_baseline_is_named_as_one() -> None:
    """TF-IDF that beats the language models says nothing of structure encoders."""
    pairs = {("a", "llm"): Made(pos=0.4), ("a", "tfidf"): Made(pos=0.7)}
    llms = {"llm": Encoder("llm", "causal_lm", "main"), "tfidf": Encoder("tfidf", "tfidf", "baseline")}
    pairs["b", "llm"] = Made(pos=0.3)
    evidence = make_study(pairs, splits=SPLITS, llms=llms)
    questions = {q: json.loads(json.dumps(plain(analyse(q, evidence)))) for q in ("pairs", "separability")}
    said = headline(StudyResults(study=made_config(), questions=questions, labels=labels()))
    assert said.title == "On these proteins no language model is worth taking yet"
