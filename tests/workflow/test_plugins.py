"""A study with a plug-in's encoders and question, from its proteins to the page, and what an edit of the plug-in reruns."""

import copy
import os
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import made_plugin
from tests.helpers.made_plugin import SHAPES, edit, write_plugin
from tests.helpers.workspace import STUDY, Job, Workspace

TINY: dict[str, Any] = copy.deepcopy(STUDY) | made_plugin.STUDY
del TINY["proteins"]["directory"]
TINY["proteins"] |= {"source": "shelf", "shelf": {"directory": "structures"}}


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A copy of the project with a tiny study, and a plug-in installed beside it."""
    made = Workspace.create(tmp_path / "work", TINY)
    write_plugin(made.path / "site")
    made.environment["PYTHONPATH"] += f"{os.pathsep}{made.path / 'site'}"
    return made


def rules(jobs: list[Job]) -> set[str]:
    return {job.rule for job in jobs}


def encoders(jobs: list[Job]) -> set[str]:
    return {job.wildcards["encoder"] for job in jobs if job.rule.startswith("embed")}


def test_a_dry_run_has_the_plugins_jobs_and_a_misspelt_key_is_one_line(space: Workspace) -> None:
    jobs = space.would_run()
    assert encoders(jobs) == {"shapes", "composition", "letters", "words"}
    assert "sizes" in rules(jobs)
    wrong = [made_plugin.STUDY["structure_encoders"][0] | {"sharpnes": 2}]
    space.configure(TINY | {"structure_encoders": wrong})
    said = space.snakemake("--dry-run", check=False)
    assert "study.yaml: unknown key: 'sharpnes' is not one of" in said
    assert "did you mean 'sharpness'?" in said
    assert "Traceback" not in said
    edit(space.path / f"site/{SHAPES}/block.py", "from pydantic import Field", "import no_such_module")
    said = space.snakemake("--dry-run", check=False)
    assert (
        "alignscape: plug-in 'shapes' of the package lab-shapes 0.3: lab_shapes.shapes.block cannot be imported" in said
    )
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_plugin_runs_to_the_page_and_an_edit_of_it_reruns_its_part(space: Workspace) -> None:
    space.run()
    results = space.path / "results"
    page = (results / "tiny/report.html").read_text()
    assert "What do sizes say?" in page
    assert "Mean score by pair" in page
    assert "Mean score by pair" in (results / "tiny/figures/sizes.svg").read_text()
    assert "the shelf of the lab" in page
    ledger = (results / "tiny/ledger.tsv").read_text()
    assert [line.split("\t")[0] for line in ledger.splitlines() if "\tshapes\t" in line] == ["1AJJ"]
    assert "has 37 residues with a C-alpha, needs 40" in ledger
    sidecars = [path.read_text() for path in (results / "embeddings/shapes").rglob("all-*.json")]
    assert ['"pretrained"' in text for text in sidecars] == [True]
    assert space.run() == []
    model = space.path / f"site/{SHAPES}/model.py"
    model.write_text(model.read_text() + "EDITED = 1\n")
    jobs = space.would_run()
    assert encoders(jobs) == {"shapes"}
    assert "align" in rules(jobs)
    assert not rules(jobs) & {"parse", "describe", "split", "cluster", "embed_text"}
    edit(model, "EDITED = 1\n", "")
    analysis = space.path / "site/lab_shapes/sizes/analysis.py"
    analysis.write_text(analysis.read_text() + "EDITED = 1\n")
    assert rules(space.would_run()) == {"sizes", "figures", "report"}
    edit(analysis, "EDITED = 1\n", "")
    space.configure(TINY | {"plugins": False})
    assert "study.yaml: proteins.source: 'shelf' is not one of" in space.snakemake("--dry-run", check=False)
