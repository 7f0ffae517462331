"""The page says what the results say, safely, whatever is missing."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from alignscape.config.encoders import Pretraining
from alignscape.encoders.structure.gvp.block import Gvp
from alignscape.encoders.structure.weights import initialise, load_weights
from alignscape.encoders.training.pretrain import pretrain, save_weights
from alignscape.questions.registry import questions, sections
from alignscape.report.numbers import short
from alignscape.report.page import FIRST, LAST
from alignscape.report.prose import prose
from alignscape.report.publish import summary
from alignscape.report.section import PARTS
from alignscape.report.sections.study import study
from tests.helpers.made_structures import made_structure
from tests.helpers.made_study import NASTY, made_study, only
from tests.helpers.whole_page import build_page, render_page

QUESTIONS = tuple(questions())


class Sections(HTMLParser):
    """Ids of sections, their answers, and all addresses."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if name == "section":
            self.ids.append(values["id"])
        self.scripts += name == "script"
        self.addresses += [v for k, v in attributes if k in ("href", "src", "action", "srcset", "data") and v]
        assert not [k for k in values if k.startswith("on")], (name, values)


def test_every_question_has_its_section_and_its_answer() -> None:
    """All sections in order, each with the sentence of its analysis."""
    results = made_study(60)
    page = render_page(results)
    ids = Sections(page).ids
    assert len(ids) == len(FIRST) + len(sections()) + len(LAST) + 1
    assert ids[:2] == ["answer", "pairs"]
    assert ids[-4:-1] == ["run", "measured", "cite"]
    assert ids[-1] == "protein-page"
    for name in set(QUESTIONS) - {"proteins"}:
        answer = results.questions[name]["answer"]
        assert str(prose(answer)) in re.sub(r'<button type="button" class="term"[^>]*>(.*?)</button>', r"\1", page), (
            name
        )


def test_the_menu_has_seven_entries_each_leading_to_its_first_section() -> None:
    """In the order of the page, whatever questions there are."""
    page = render_page(made_study(40))
    menu = re.findall(r'<li><a href="#([\w-]+)" data-part="([^"]+)">', page)
    assert [part for _, part in menu] == [p.replace("'", "&#39;") for p in PARTS]
    parts = re.findall(r'<section id="([\w-]+)" data-part="([^"]+)"', page)
    assert [(next(i for i, p in parts if p == part), part) for _, part in menu] == menu
    assert [p for _, p in parts] == sorted((p for _, p in parts), key=[part for _, part in menu].index)


def test_what_no_test_decides_is_folded_to_its_answer() -> None:
    """A question of whose corrected p-values at most one in ten is below 0.05 shows one line; more open it."""
    results = made_study(40)
    folded = r'<section id="length"[^>]*class="folding"'
    assert re.search(folded, render_page(results))
    rows = [r | {"p_corrected": 0.01} for r in results.rows("length")]
    for few, opens in ((1, False), (2, True)):  # of ten
        some = [*rows[:few], *results.rows("length")[few:]]
        decided = {**results.questions, "length": {**results.questions["length"], "rows": some}}
        assert bool(re.search(folded, render_page(replace(results, questions=decided)))) != opens


def test_only_the_pairs_are_needed() -> None:
    """With RQ1 alone the page has its answer, says what was not run, and promises nothing else."""
    page = render_page(only(made_study(40), "pairs"))
    assert Sections(page).ids == ["answer", "pairs", "missing", "run", "measured", "cite", "protein-page"]
    assert "Not part of this run: comparisons of pairs, RQ2 agreement" in page


@pytest.mark.parametrize("name", sorted(set(QUESTIONS) - {"pairs", "proteins"}))
def test_what_cannot_be_tested_is_said_and_not_drawn(name: str) -> None:
    """A question without rows keeps its section, its reason, and a line among what is missing."""
    results = made_study(40)
    bare = {
        "question": name,
        "answer": f"Not testable: because of {name}.",
        "not_testable": f"because of {name}",
        "method": "",
    }
    page = render_page(replace(results, questions={**results.questions, name: bare | {"rows": []}}))
    assert f"Not testable: because of {name}." in page
    assert f": because of {name}</li>" in page


@pytest.mark.parametrize("name", sorted(set(QUESTIONS) - {"pairs"}))
def test_any_one_question_may_be_absent(name: str) -> None:
    """The rest is drawn."""
    results = made_study(40)
    questions = {k: v for k, v in results.questions.items() if k != name}
    assert "Not part of this run" in render_page(replace(results, questions=questions))


def test_names_that_try_to_break_out_stay_names() -> None:
    """No element, attribute, script or template comes from a molecule's name."""
    results = made_study(60, nasty=True)
    page = render_page(results)
    plain = render_page(made_study(60))
    assert Sections(page).scripts == Sections(plain).scripts == 3
    for name in NASTY:
        assert not re.search(r"[<\"]", name) or name not in page
    assert "{{ 7 * 7 }}" in page
    assert "&lt;!DOCTYPE html&gt;" in page


def test_names_of_the_config_stay_names() -> None:
    """Title, answers and labels of pairs too."""
    results = made_study(40)
    evil = "<img src=x onerror=alert(1)>"
    study = results.study.model_copy(update={"title": evil})
    rows = [
        r | {"gdm": evil, "label": f"{evil} × {r['llm']}"} if r["gdm"] == "gvp" else r for r in results.rows("pairs")
    ]
    questions = {"pairs": {**results.questions["pairs"], "rows": rows, "answer": evil}}
    page = render_page(replace(results, study=study, questions=questions))
    assert evil not in page
    Sections(page)


def test_nothing_is_asked_from_outside() -> None:
    """Every address is a place on the page, and the policy forbids the rest."""
    page = render_page(made_study(40))
    assert [a for a in Sections(page).addresses if not a.startswith("#")] == []
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert "@import" not in page


def test_equal_results_give_equal_bytes(tmp_path: Path) -> None:
    """No time, no order of a set, no random number."""
    for name in ("a", "b"):
        build_page(made_study(50), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_table_to_download_has_every_column_and_row() -> None:
    """Not only those shown."""
    import json

    results = made_study(40)
    text = re.search(r'id="data">(.*?)</script>', render_page(results), re.DOTALL)[1]
    table = json.loads(text)["tables"]["pairs"]
    rows = results.rows("pairs")
    assert table["columns"] == list(rows[0])
    assert [dict(zip(table["columns"], r, strict=True))["score"] for r in table["rows"]] == pytest.approx(
        [r["score"] for r in rows], rel=1e-5
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("r -0.23 to +0.20 [-1, -.5]", "r −0.23 to +0.20 [−1, −.5]"),
        ("pages 3-5, 2024-01-02, x-1, smollm2-135m", "pages 3-5, 2024-01-02, x-1, smollm2-135m"),
        ("no `fine_tuning` <b> `", "no <code>fine_tuning</code> &lt;b&gt; `"),
        ("`<script>`", "<code>&lt;script&gt;</code>"),
    ],
)
def test_sentences_are_set(text: str, html: str) -> None:
    """Minus signs only before numbers; code in backticks; all else escaped."""
    assert prose(text) == html


def test_weights_trained_here_say_how_well_they_learned(tmp_path: Path) -> None:
    """The task, on how many proteins, and what was measured on those held out, as the training itself writes it."""
    structures = [made_structure(n, seed=n, id=f"P{n}") for n in (30, 34, 38)]
    block, how = Gvp(encoder="gvp", name="gvp"), Pretraining(epochs=1, batch_size=1)
    encoder, path = initialise(block, 0), tmp_path / "weights.safetensors"
    made = pretrain(encoder, structures, [], config=how, seed=0, device="cpu", checkpoint=tmp_path / "checkpoint")
    save_weights(path, *made)
    card = load_weights(encoder, block, cache_dir=tmp_path, seed=0, trained=path).card
    results = made_study(30)
    embeddings = [e | {"notes": card} if e["encoder"] == "gat" else e for e in results.embeddings]
    page = render_page(replace(results, embeddings=embeddings))
    accuracy = short(made[1]["metrics"]["accuracy"])
    assert re.search(rf"residue recovery on 2 proteins; on 1 held out: accuracy {accuracy}, ", page)


def test_tables_of_encoders_have_no_empty_column_and_no_pins() -> None:
    """Where no encoder has notes there is no column of them; packages in brackets are in the tip and in the file."""
    results = made_study(30)
    source, brief = (
        "registry:tiny (part-0==1, part-1==1)",
        '<span data-tip="registry:tiny (part-0==1, part-1==1)" tabindex="0">registry:tiny<',
    )
    plain = replace(results, embeddings=[e | {"notes": {}, "weights_source": source} for e in results.embeddings])
    for table in [t for t in study(plain).tables if t.name in ("structure-encoders", "language-models")]:
        assert [c.title for c in table.columns] == ["Name", "Kind", "Role", "Weights", "Dimension", "Source"]
        assert brief in table.html()
        assert {row["source"] for row in table.rows} == {source}
    noted = replace(results, embeddings=[e | {"notes": {"beam": 3}} for e in results.embeddings])
    assert [c.title for c in study(noted).tables[0].columns][-1] == "Notes"


def test_page_and_terminal_have_one_title_and_name_the_study() -> None:
    """Also the study that has no title; one that kept another's title is named beside the numbers."""
    results = made_study(30)
    assert f"<h1>{summary(results)['title']}</h1>" in render_page(results)
    titled = replace(results, study=results.study.model_copy(update={"title": "The other study"}))
    assert summary(titled)["title"] == "The other study"
    assert f'<p class="meta">study {results.study.study} · ' in render_page(titled)
