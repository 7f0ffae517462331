"""An edit of a plug-in makes stale what the plug-in made, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alignscape.config.load import parse
from alignscape.plan import digest, encoder_paths
from alignscape.plan.plan import Plan
from alignscape.plan.snapshot import Inputs
from tests.helpers.made_plugin import SHAPES, STUDY, forget, installed_plugin, write_weights


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that a plug-in is installed in; what is remembered of its source files is looked up again each time."""
    for name in ("_file_of", "import_closure"):
        remembered = getattr(digest, name)
        monkeypatch.setattr(
            digest, name, lambda of, r=remembered: (r.__wrapped__ if "lab_shapes" in str(of) else r)(of)
        )
    monkeypatch.setattr(encoder_paths, "_sha256", encoder_paths._sha256.__wrapped__)
    with installed_plugin(tmp_path / "site") as folder:
        yield folder


def digests() -> dict[str, str]:
    """Of every product of the made study, as a process that starts now finds them."""
    forget()
    plan = Plan(parse(STUDY), Inputs(file_digests={"1ABC": "x"}, encoder_training=[]))
    found = {name: plan.embedding_digest(name) for name in plan.structure_blocks | plan.text_blocks}
    found |= {question: plan.analysis_digest(question) for question in ("pairs", "sizes")}
    return found | {"split": plan.split_digest, "report": plan.report_digest, "figures": plan.figures_digest}


def changed(before: dict[str, str]) -> set[str]:
    return {name for name, value in digests().items() if value != before[name]}


@pytest.mark.parametrize(
    ("file", "added", "stale"),
    [
        (f"{SHAPES}/model.py", "EDITED = 1\n", {"shapes", "pairs", "sizes", "report", "figures"}),
        (
            "lab_shapes/geometry.py",
            "EDITED = 1\n",
            {"shapes", "pairs", "sizes", "report", "figures"},
        ),  # the model imports it
        ("lab_shapes/letters.py", "EDITED = 1\n", {"letters", "pairs", "sizes", "report", "figures"}),
        ("lab_shapes/sizes/analysis.py", "EDITED = 1\n", {"sizes", "report", "figures"}),
        ("lab_shapes/sizes/section.py", "EDITED = 1\n", {"report"}),
        ("lab_shapes/sizes/figures.py", "EDITED = 1\n", {"report", "figures"}),
        (f"{SHAPES}/model.py", "# a remark\n", set()),
        (f"{SHAPES}/block.py", "EDITED = 1\n", set()),  # the values that it yields count
        (f"{SHAPES}/official.py", "EDITED = 1\n", set()),  # the weights count
    ],
)
def test_an_edit_of_a_plugin_makes_stale_what_it_made(lab: Path, file: str, added: str, stale: set[str]) -> None:
    before = digests()
    (lab / file).write_text((lab / file).read_text() + added)
    assert changed(before) == stale


def test_other_weights_of_a_plugin_make_its_rows_stale(lab: Path) -> None:
    before = digests()
    write_weights(lab, seed=1)
    assert changed(before) == {"shapes", "pairs", "sizes", "report", "figures"}


def test_another_package_is_in_no_ones_digest(lab: Path) -> None:
    """A plug-in's closure is its own package's and ours, not torch's."""
    reached = digest.import_closure("lab_shapes.shapes.model")
    assert {"lab_shapes.shapes.model", "lab_shapes.geometry", "alignscape.proteins.structure"} <= reached
    assert {module.partition(".")[0] for module in reached} == {"lab_shapes", "alignscape"}
