"""The questions are their folders: nothing lists them by hand."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

from alignscape.config.study import Alignment, Variant
from alignscape.questions import registry
from alignscape.questions.registry import part, questions, sections


def test_every_folder_with_an_analysis_is_a_question():
    folder = Path(registry.__file__).parent
    assert set(questions()) == {path.parent.name for path in folder.glob("*/analysis.py")}
    assert set(sections()) == {path.parent.name for path in folder.glob("*/section.py")}


def test_places_on_the_page_and_names_of_figures_belong_to_one_question_each():
    asked = questions().values()
    assert len({q.place for q in asked}) == len(asked)
    assert [q.place for q in asked] == sorted(q.place for q in asked)
    figures = [figure for q in asked for figure in q.figures]
    assert len(set(figures)) == len(figures)


def test_every_figure_of_a_question_is_described_and_has_a_caption():
    """A function of the figure's name in its question's folder, which the workflow need not import."""
    for figure, name in registry.figures().items():
        assert registry.caption(figure).read_text().strip(), figure
        if name != registry.OWN:
            assert callable(getattr(import_module(part(name, "figures")), figure))


def test_table_one_is_main_encoders_and_heads_of_one_layer():
    main, alignment = frozenset({"main"}), Alignment()
    for name in ("correlation", "length", "rarity", "chains", "leakage"):
        chosen = questions()[name].pairs
        assert chosen(Variant(), main, alignment)
        assert not chosen(Variant(layers=2), main, alignment)
        assert not chosen(Variant(), main | {"baseline"}, alignment)


def test_the_headline_is_given_the_baselines():
    """It says whether a baseline beats the highest pair, so it must be given theirs; not those of a ladder."""
    chosen = questions()["separability"].pairs
    assert chosen(Variant(), frozenset({"main", "baseline"}), Alignment())
    assert not chosen(Variant(), frozenset({"main", "ladder"}), Alignment())
    assert not chosen(Variant(layers=2), frozenset({"main"}), Alignment())


def test_knowing_the_questions_imports_nothing_heavy():
    program = "import sys; from alignscape.questions.registry import questions; questions()\n"
    program += "print(sorted({'torch', 'numpy', 'scipy', 'matplotlib', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_question_without_a_section_has_no_module_of_one():
    assert part("proteins", "section") is None
    assert part("length", "section") == "alignscape.questions.length.section"
