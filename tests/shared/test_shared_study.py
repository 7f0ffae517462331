"""All six questions on 300 real entries that are not in the repository, with an interval for every answer."""

import csv
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
SHARED = Path(os.environ.get("ALIGNSCAPE_SHARED", REPOSITORY.parent / "shared"))
N = 300


def subset() -> dict[str, Any]:
    """shared.yaml on fewer proteins and encoders, with shorter training: what two cores do in some minutes."""
    study = yaml.safe_load((Path(__file__).parent / "shared.yaml").read_text())
    ids = sorted(path.name.partition(".")[0] for path in (SHARED / "structures").iterdir())
    study["title"] = f"{N} PDB entries"
    study["proteins"] |= {"directory": str(SHARED / "structures"), "ids": ids[:: len(ids) // N][:N]}
    # Without the slowest of the four that are trained.
    study["structure_encoders"] = [block for block in study["structure_encoders"] if block["encoder"] != "scannet"]
    for encoder in study["structure_encoders"]:
        if encoder.get("weights") == "trained":
            encoder["pretraining"] = {"epochs": 1}
    # Without the control of shuffled texts, which the embedded study has.
    study["fine_tuning"] = [block for block in study["fine_tuning"] if not block.get("shuffled")]
    study["dimension_ladder"]["base"]["pretraining"]["epochs"] = 2
    study["alignment"] |= {"seeds": 2, "layers": [1, 2], "methods": {"symmetric": {"loss": "symmetric"}}}
    return study


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (SHARED / "structures").is_dir():
        pytest.skip(f"no entries: {SHARED} is absent (set ALIGNSCAPE_SHARED to its place)")
    folder = tmp_path_factory.mktemp("shared")
    (folder / "study.yaml").write_text(yaml.safe_dump(subset() | {"results_dir": str(folder / "results")}))
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", str(folder / "study.yaml")]
    done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout[-5000:]
    return folder / "results/shared"


@pytest.fixture(scope="module")
def answers(results: Path) -> dict[str, dict[str, Any]]:
    """The analyses by name."""
    return {
        path.name.rpartition("-")[0]: json.loads(path.read_text()) for path in (results / "analysis").glob("*.json")
    }


def test_every_question_is_answered(answers: dict[str, dict[str, Any]]) -> None:
    for name, answer in answers.items():
        assert answer["not_testable"] is None, f"{name}: {answer['not_testable']}"
        assert answer["rows"], name


@pytest.mark.parametrize(
    ("question", "value", "low", "high"),
    [
        ("pairs", "score", "low", "high"),
        ("correlation", "r", "low", "high"),
        ("length", "slope", "slope_low", "slope_high"),
        ("length", "spearman", "spearman_low", "spearman_high"),
        ("rarity", "spearman", "spearman_low", "spearman_high"),
        ("rarity", "identity_spearman", "identity_low", "identity_high"),
        ("chains", "effect", "effect_low", "effect_high"),
        ("dimension", "score", "low", "high"),
        ("depth", "score", "low", "high"),
        ("fine_tuning", "score", "low", "high"),
        ("separability", "difference", "low", "high"),
    ],
)
def test_every_number_lies_in_its_interval(
    answers: dict[str, dict[str, Any]], question: str, value: str, low: str, high: str
) -> None:
    for row in answers[question]["rows"]:
        assert all(math.isfinite(row[key]) for key in (value, low, high)), row
        assert row[low] <= row[value] <= row[high], row


def test_pretrained_encoders_align_above_chance_on_proteins_of_other_clusters(
    answers: dict[str, dict[str, Any]],
) -> None:
    rows = [
        row
        for row in answers["pairs"]["rows"]
        if row["split"] == "cluster" and row["state"] == "trained" and row["gdm"] == "proteinmpnn"
        if row["llm_role"] == "main"
    ]
    assert len(rows) == 2
    for row in rows:
        assert row["p"] < 0.05, row["label"]


def test_no_entry_is_lost_without_a_line(results: Path) -> None:
    with open(results / "ledger.tsv", newline="") as handle:
        lost = {row["id"] for row in csv.DictReader(handle, delimiter="\t")}
    (facts,) = results.parent.glob("embeddings/composition/*/all-*.json")
    assert len(lost | set(json.loads(facts.read_text())["ids"])) == N


def test_the_page_shows_them(results: Path) -> None:
    page = (results / "report.html").read_text()
    assert f"{N} PDB entries" in page
    assert len(page) < 15_000_000
