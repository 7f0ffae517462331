"""One study of encoders of every kind (rows given, a protein language model, 3Di, ProteinMPNN's soluble model, a sentence
encoder, own texts) runs to its page, and a change reruns its part and no other."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.made_once import made_once
from tests.helpers.tiny_protein_models import save_tiny
from tests.helpers.tiny_text_encoders import save_tiny_encoder
from tests.helpers.workspace import IDS, Job, Workspace, copy_of

pytest.importorskip("mini3di", reason="mini3di is not installed")
pytestmark = pytest.mark.slow

CHOSEN = IDS[:12]
STUDY: dict[str, Any] = {
    "study": "mixed",
    "proteins": {"source": "directory", "directory": "structures", "shard_size": 12, "encoder_training": {"fraction": 0}},
    "text": {"source": "table", "table": "texts.csv"},
    "structure_encoders": [
        {"name": "given", "encoder": "precomputed", "rows": "given.npz"},
        {"name": "esm", "encoder": "protein_lm", "model": "models/esm"},
        {"name": "soluble", "encoder": "proteinmpnn", "checkpoint": "soluble_v_48_020"},
        {"name": "states", "encoder": "3di"},
    ],
    "language_models": [{"name": "sentences", "encoder": "sentence", "model": "models/bert"}],
    "alignment": {
        "splits": ["kfold"], "folds": 3, "seeds": 2, "epochs": 2, "layers": [1], "untrained_draws": 2,
        "permutations": 10, "bootstrap": 100,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The finished study, not to be changed."""
    return Workspace(made_once(tmp_path_factory, "mixed", _run) / "work")


def _run(folder: Path) -> None:
    space = Workspace.create(folder / "work", STUDY, ids=CHOSEN)
    save_tiny("esm", space.path / "models/esm")
    save_tiny_encoder("bert", space.path / "models/bert")
    write_texts(space)
    write_rows(space)
    space.run("report")  # without the figures for print, which take as long as all the rest


def write_texts(space: Workspace, **edited: str) -> None:
    """A text of one's own for each protein."""
    texts = {id_: f"Number {n}: a protein that we like, {'x' * n}." for n, id_ in enumerate(CHOSEN)} | edited
    with open(space.path / "texts.csv", "w", newline="") as handle:
        csv.writer(handle).writerows([("id", "text"), *texts.items()])


def write_rows(space: Workspace, *, change: float = 0.0) -> None:
    """Rows made elsewhere, with a change of the first one."""
    rows = np.random.default_rng(0).normal(size=(len(CHOSEN), 24)).astype(np.float32)
    rows[0] += change
    np.savez(space.path / "given.npz", ids=np.array(CHOSEN), rows=rows)


@pytest.fixture
def space(mixed: Workspace, tmp_path: Path) -> Workspace:
    """A copy, to be changed."""
    return copy_of(mixed, tmp_path)


def embedded(jobs: list[Job]) -> set[str]:
    return {job.wildcards["encoder"] for job in jobs if job.rule.startswith(("embed", "gather"))}


def rules(jobs: list[Job]) -> set[str]:
    return {job.rule for job in jobs}


def trained_since(before: set[Path], space: Workspace) -> set[str]:
    """The structure encoders of pairs that are there now and were not before."""
    return {path.parts[-3] for path in heads(space) - before}


def heads(space: Workspace) -> set[Path]:
    return {path.relative_to(space.path) for path in (space.path / "results/alignment").glob("*/*/*.heads.safetensors")}


def found_of(space: Workspace) -> dict[str, tuple[int, dict[str, Any]]]:
    """When it was written what an encoder holds to, and what that is, by encoder; the newest of several."""
    files = sorted((space.path / "results/checks").glob("*/*.json"), key=lambda path: path.stat().st_mtime_ns)
    return {path.parent.name: (path.stat().st_mtime_ns, json.loads(path.read_text())) for path in files}


def test_it_ran_to_its_page_and_nothing_is_left_to_do(mixed: Workspace) -> None:
    assert mixed.would_run("report") == []
    with open(mixed.path / "results/mixed/pairs.tsv", newline="") as handle:
        rows = [row for row in csv.DictReader(handle, delimiter="\t") if row["state"] == "trained"]
    states = {row["gdm"]: row["gdm_weights"] for row in rows}
    assert states == {"given": "given", "esm": "pretrained", "soluble": "pretrained", "states": "none"}
    assert {(row["llm"], row["n"]) for row in rows} == {("sentences", "12")}
    page = (mixed.path / "results/mixed/report.html").read_text()
    assert "What the structure encoders hold to" in page
    assert "Number 3: a protein that we like" not in page  # texts are packed with the proteins, not strewn in


def test_what_the_encoders_hold_to_is_on_the_page(mixed: Workspace) -> None:
    """Whoever reads coordinates tells mirror images apart, a language model of sequences cannot; nothing is broken."""
    apart = {}
    for name, (_, one) in found_of(mixed).items():
        assert not any(finding["is_broken"] for finding in one["findings"]), one
        apart[name] = next(f["holds"] for f in one["findings"] if f["asked"] == "mirror_image")
    assert apart == {"esm": False, "soluble": True, "states": True}


def test_an_edited_text_of_ones_own_reruns_texts_and_pairs_but_no_structure(space: Workspace) -> None:
    write_texts(space, **{CHOSEN[3]: "Another text."})
    jobs = space.would_run("report")
    assert embedded(jobs) == {"sentences"}
    assert {"describe", "embed_text", "align", "pairs", "report"} <= rules(jobs)
    assert not rules(jobs) & {"fetch", "parse", "cluster", "split", "embed_structure", "embed_structure_cpu", "prepare_model", "check_encoders"}  # fmt: skip


def test_an_edited_given_row_reruns_that_encoder_and_its_pairs(space: Workspace) -> None:
    before, checks = heads(space), found_of(space)
    write_rows(space, change=0.5)
    jobs = space.run("pairs")
    assert embedded(jobs) == {"given"}
    assert trained_since(before, space) == {"given"}
    assert not rules(jobs) & {"fetch", "parse", "describe", "split", "embed_text", "prepare_model", "check_encoders"}
    assert found_of(space) == checks


def test_another_layer_of_the_protein_language_model_reruns_that_encoder_and_its_pairs(space: Workspace) -> None:
    before, checks = heads(space), found_of(space)
    blocks = [block | ({"layer": 1} if block["name"] == "esm" else {}) for block in STUDY["structure_encoders"]]
    space.configure(STUDY | {"structure_encoders": blocks})
    jobs = space.run("pairs", "check_encoders")
    assert embedded(jobs) == {"esm"}
    assert trained_since(before, space) == {"esm"}
    assert rules(jobs) == {"embed_structure", "gather", "align", "pairs", "check_encoders"}
    again = found_of(space)
    assert {name for name in again if again[name] != checks[name]} == {"esm"}
    assert {"report", "findings"} <= rules(space.would_run("report"))
