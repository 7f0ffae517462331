"""A change reruns what it touches, no more, no less (docs/design.md, law 4)."""

import copy
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from alignscape.storage.files import digest_of
from tests.helpers.workspace import STUDY, Job, Workspace, copy_of

GEARNET_FILE = "src/alignscape/encoders/structure/gearnet/model.py"
# A module that both GDMs of the tiny study import.
SHARED_FILE = "src/alignscape/encoders/structure/neighbours.py"


def rules(jobs: list[Job]) -> set[str]:
    return {job.rule for job in jobs}


def encoders(jobs: list[Job]) -> set[str]:
    """Encoders that embed, and GDMs whose pairs are trained."""
    return {job.wildcards["encoder"] for job in jobs if job.rule.startswith(("embed", "gather", "pretrain"))}


def pair_files(space: Workspace) -> dict[Path, tuple[int, bytes]]:
    """When each file of a trained pair, by its place in the study's folder, was written, and what is in it.

    Temporaries, whose names begin with a dot, are left out: a job that runs meanwhile renames them.
    """
    files = (space.path / "results/alignment").glob("*/*/[!.]*")
    return {path.relative_to(space.path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def is_whole(path: Path) -> bool:
    """Whether this is the file of a pair that is written last."""
    return path.name.endswith(".json") and not path.name.endswith(".heads.json")


def trained(before: Iterable[Path], after: Iterable[Path]) -> set[tuple[str, str, str]]:
    """(GDM, LLM, heads) whose files are there after and were not before."""
    return {(path.parts[-3], path.parts[-2], path.name.rpartition("-")[0]) for path in {*after} - {*before}}


def changed_study(**changes: object) -> dict[str, object]:
    return copy.deepcopy(STUDY) | changes


def test_nothing_changed_nothing_runs(space: Workspace) -> None:
    assert space.run() == []


@pytest.fixture(scope="module")
def other_layers(finished: Workspace, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[Job]]:
    """The finished study after a run to the page with other layers of a GDM, not to be changed; and that run's jobs."""
    space = copy_of(finished, tmp_path_factory.mktemp("other layers"))
    study = changed_study()
    study["structure_encoders"][0]["hidden"] = [24]
    space.configure(study)
    return space, space.run()


def test_a_gdms_config_reruns_that_gdm_its_pairs_and_the_analyses(
    finished: Workspace, other_layers: tuple[Workspace, list[Job]], tmp_path: Path
) -> None:
    space, jobs = copy_of(other_layers[0], tmp_path), other_layers[1]
    assert encoders(jobs) == {"gearnet"}
    before, after = pair_files(finished), pair_files(space)
    assert trained(before, after) == {("gearnet", "llama", "layers1")}
    assert before.items() <= after.items()
    assert not rules(jobs) & {"fetch", "parse", "describe", "split", "embed_text", "prepare_model"}
    assert {"pairs", "correlation", "findings", "report"} <= rules(jobs)
    assert space.would_run() == []
    # Going back costs no embedding and no training: the old files are still there.
    space.configure(STUDY)
    assert rules(space.run()) == {"report", "figures"}


def test_a_gdms_source_file_reruns_the_same(space: Workspace) -> None:
    space.append(GEARNET_FILE, "\nEDITED = True\n")
    jobs = space.would_run()
    assert encoders(jobs) == {"gearnet"}
    assert "align" in rules(jobs)
    assert not rules(jobs) & {"fetch", "parse", "describe", "split", "embed_text", "prepare_model"}


def test_a_module_that_two_encoders_share_reruns_those_two(space: Workspace) -> None:
    space.append(SHARED_FILE, "\nEDITED = True\n")
    jobs = space.would_run()
    assert encoders(jobs) == {"gearnet", "mpnn"}
    assert "embed_text" not in rules(jobs)


def test_a_protein_added_reruns_its_shard_and_what_follows(space: Workspace) -> None:
    before = {path.name for path in (space.path / "results/embeddings/mpnn").rglob("[st]*.npy")}
    pairs_before = pair_files(space)
    space.add_protein("4CUP")
    jobs = space.run("--until", "align")
    for rule in ("parse", "describe", "embed_text"):
        assert sum(job.rule == rule for job in jobs) == 1, rule
    assert sum(job.rule == "embed_structure" for job in jobs) == 2  # one shard, two GDMs
    after = {path.name for path in (space.path / "results/embeddings/mpnn").rglob("[st]*.npy")}
    pairs = {("gearnet", "llama", "layers1"), ("mpnn", "llama", "layers1")}
    assert trained(pairs_before, pair_files(space)) == pairs
    assert len(after - before) == 1


def test_an_llm_added_brings_its_shards_and_pairs(space: Workspace) -> None:
    study = changed_study()
    study["language_models"].append({"name": "llama-mean", "model": "models/llama", "pooling": "mean"})
    space.configure(study)
    jobs = space.would_run()
    assert encoders(jobs) == {"llama-mean"}
    assert "align" in rules(jobs)
    assert not rules(jobs) & {"parse", "describe", "embed_structure", "prepare_model", "split"}


def test_a_method_added_to_a_finished_study_is_trained_alone(space: Workspace) -> None:
    """Its job also has a method that is there: that one's files, and those of all other pairs, are not touched."""
    study = changed_study()
    study["alignment"] = {**STUDY["alignment"], "methods": {"both": {"loss": "symmetric"}}, "method_encoders": ["mpnn"]}
    space.configure(study)
    space.run("methods")
    before = pair_files(space)
    study["alignment"]["methods"]["narrow"] = {"structure_pca": 4}
    space.configure(study)
    jobs = space.run("methods")
    assert rules(jobs) == {"align", "methods"}
    after = pair_files(space)
    assert trained(before, after) == {("mpnn", "llama", "narrow")}
    assert before.items() <= after.items()


def test_a_killed_alignment_job_keeps_the_pairs_that_it_finished(space: Workspace) -> None:
    """Kill -9 after the first of a job's pairs: the next run trains the others, and leaves the first as it is."""
    old = pair_files(space)
    study = changed_study()
    study["alignment"] = {**STUDY["alignment"], "epochs": 300}
    space.configure(study)
    process = space.start("--cores", "2", "pairs")
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not any(is_whole(path) for path in pair_files(space).keys() - old.keys()):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    killed = pair_files(space)
    assert trained(old, filter(is_whole, killed)) == {("gearnet", "llama", "layers1")}
    assert [job.rule for job in space.run("pairs", "--rerun-incomplete", "--nolock")].count("align") == 1
    after = pair_files(space)
    assert trained(old, filter(is_whole, after)) == {("gearnet", "llama", "layers1"), ("mpnn", "llama", "layers1")}
    assert {p: c for p, c in killed.items() if p.parts[-3] == "gearnet"}.items() <= after.items()


def test_a_lost_pair_is_trained_again_where_a_question_reads_it(space: Workspace) -> None:
    before = pair_files(space)
    lost = next(path for path in before if path.name.endswith(".safetensors") and path.parts[-3] == "mpnn")
    (space.path / lost).unlink()
    for answer in (space.path / "results/tiny/analysis").glob("pairs-*"):
        answer.unlink()
    files = {path: path.stat().st_mtime_ns for path in (space.path / "results").rglob("*")}
    assert rules(space.would_run("pairs")) == {"align", "pairs"}
    assert {path: path.stat().st_mtime_ns for path in (space.path / "results").rglob("*")} == files
    assert rules(space.run("pairs")) == {"align", "pairs"}
    assert pair_files(space)[lost][1] == before[lost][1]
    assert trained(before, pair_files(space)) == set()


def test_tfidf_counts_words_over_the_encoder_training_proteins(space: Workspace) -> None:
    """Also where no list names them, but whole clusters are drawn once the sequences are known."""
    study = changed_study()
    study["proteins"] |= {"encoder_training": {"fraction": 0.3}}
    study["structure_encoders"] = STUDY["structure_encoders"][:1]
    study["language_models"] = [{"name": "words", "encoder": "tfidf"}]
    space.configure(study)
    space.run("--until", "embed_text_cpu", "split")
    made = (space.path / "results/splits").rglob("encoder_training.txt")
    chosen = max(made, key=lambda path: path.stat().st_mtime)  # the finished study's is there too
    training = set(chosen.read_text().split())
    written = (space.path / "results/text").rglob("s*.jsonl")
    descriptions = [path for path in written if not path.name.endswith(".omissions.jsonl")]
    rows = [json.loads(line) for path in descriptions for line in path.read_text().splitlines()]
    texts = {row["id"]: row["text"] for row in rows}  # by id: the finished study's shards are there too
    counted = [texts[id_] for id_ in sorted(training)]
    assert 5 <= len(counted) <= 9 < len(texts)
    sidecars = (space.path / "results/embeddings/words").rglob("[st]*.json")
    sources = {json.loads(path.read_text())["weights_source"].partition("idf of texts ")[2] for path in sidecars}
    assert sources == {digest_of(sorted(counted))}


def test_an_analysis_module_reruns_that_analysis_and_the_report(space: Workspace) -> None:
    space.append("src/alignscape/questions/chains/analysis.py", "\nEDITED = True\n")
    jobs = rules(space.would_run())
    assert "chains" in jobs
    assert "report" in jobs
    assert not jobs & {"align", "pairs", "length", "correlation", "screening"}


def test_a_figures_code_reruns_that_figure_and_the_report(space: Workspace) -> None:
    space.append("src/alignscape/questions/length/section.py", "\nEDITED = True\n")
    assert rules(space.would_run()) == {"report"}
    space.append("src/alignscape/questions/length/figures.py", "\nEDITED = True\n")
    assert rules(space.would_run()) == {"report", "figures"}


def test_a_figures_caption_reruns_the_figures_and_the_report(space: Workspace) -> None:
    space.append("src/alignscape/questions/length/length_slopes.rst", "Edited.\n")
    assert rules(space.would_run()) == {"report", "figures"}


def test_comments_docs_and_touched_files_rerun_nothing(space: Workspace) -> None:
    space.append(GEARNET_FILE, "\n# a remark\n")
    space.append("workflow/scripts/align.py", "\n# a remark\n")
    space.append("config/README.md", "\nmore\n")
    for path in [
        *(space.path / "structures").iterdir(),
        *(space.path / "src").rglob("*.py"),
        space.path / "study.yaml",
    ]:
        path.touch()
    assert space.would_run() == []


def test_moving_the_results_away_and_back_reruns_nothing(space: Workspace) -> None:
    shutil.move(space.path / "results", space.path / "elsewhere")
    shutil.move(space.path / "elsewhere", space.path / "results")
    assert space.would_run() == []


def test_another_machine_with_the_results_but_not_the_records_reruns_nothing(space: Workspace) -> None:
    shutil.rmtree(space.path / ".snakemake")
    moved = shutil.move(space.path, space.path.parent / "other machine")
    assert Workspace(Path(moved)).would_run() == []


def test_a_changed_structure_file_is_noticed_without_records(space: Workspace) -> None:
    shutil.rmtree(space.path / ".snakemake")
    target = space.path / "structures/1crn.pdb.gz"
    shutil.copy(space.path / "data/demo/structures/4cup.pdb.gz", target)
    jobs = space.would_run()
    assert sum(job.rule == "parse" for job in jobs) == 1


def test_clean_stale_removes_what_no_config_uses_and_nothing_else(
    other_layers: tuple[Workspace, list[Job]], tmp_path: Path
) -> None:
    space = copy_of(other_layers[0], tmp_path)
    assert len(list((space.path / "results/embeddings/gearnet").iterdir())) == 2
    command = [sys.executable, "-c", "from alignscape.cli import main; main()", "clean-stale", "--config", "study.yaml"]
    done = subprocess.run(command, cwd=space.path, env=space.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not done.stdout.startswith("removed 0 files")
    assert space.would_run() == []
    assert len(list((space.path / "results/embeddings/gearnet").iterdir())) == 1


@pytest.mark.parametrize("key", ["aligment", "structure_encoder"])
def test_a_typo_in_the_config_ends_in_one_line_before_any_job(tmp_path: Path, key: str) -> None:
    space = Workspace.create(tmp_path / "work", STUDY | {key: {}})
    output = space.snakemake("--cores", "1", check=False)
    lines = [line for line in output.splitlines() if line.strip()]
    assert [line for line in lines if "alignscape:" in line] == [lines[-1]]
    assert f"unknown key: '{key}'" in lines[-1]
    assert "did you mean" in lines[-1]
    assert not (space.path / "results").exists()
