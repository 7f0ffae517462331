"""How a run's plan is opened, and that of a dry run."""

import shutil
from pathlib import Path

import pytest

from alignscape.plan import digest
from alignscape.plan.alignment_jobs import pair_files
from alignscape.plan.launch import keep_code_digests, open_plan
from alignscape.plan.plan import Plan
from tests.helpers.workspace import REPOSITORY

STUDY = {
    "proteins": {"source": "directory", "directory": "structures", "encoder_training": {"ids": "training.txt"}},
    "structure_encoders": [{"name": "gearnet", "encoder": "gearnet", "weights": "random"}],
    "language_models": [{"name": "words", "encoder": "tfidf"}],
}


def opened(*, dry_run: bool) -> Plan:
    return open_plan(STUDY, path="study.yaml", scripts=REPOSITORY / "workflow/scripts", main=True, dry_run=dry_run)


def contents() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder, with two proteins in it."""
    (tmp_path / "structures").mkdir()
    for name in ("1crn", "1a8o"):
        shutil.copy(REPOSITORY / f"data/demo/structures/{name}.pdb.gz", tmp_path / "structures")
    (tmp_path / "training.txt").write_text("1CRN\n")
    monkeypatch.chdir(tmp_path)


def test_a_dry_run_writes_and_removes_nothing_and_lists_lost_pairs(folder: None) -> None:
    before = contents()
    dry = opened(dry_run=True)
    assert contents() == before
    plan = opened(dry_run=False)
    assert dry.current_files() == plan.current_files()
    for path in (
        *map(plan.alignment_job, plan.alignment_jobs),
        *(f for p in plan.pairs for f in pair_files(plan.pair(p))),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    pair_files(plan.pair(plan.pairs[0]))[-1].unlink()
    before = contents()
    dry = opened(dry_run=True)
    assert contents() == before
    [lost] = [job for job, pairs in plan.alignment_jobs.items() if plan.pairs[0] in pairs]
    would_run = {job for job in dry.alignment_jobs if not dry.alignment_job(job).exists()}
    opened(dry_run=False)
    assert would_run == {job for job in plan.alignment_jobs if not plan.alignment_job(job).exists()} == {lost}


def test_a_job_takes_the_code_s_digests_from_its_run(folder: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the same files; without what the run left, or with something else in its place, it reads them itself."""
    plan = opened(dry_run=False)
    expected = plan.split_digest
    keep_code_digests(plan.study)
    (noted,) = Path(plan.results, ".plan").glob("*.code")

    def of_a_job() -> str:
        monkeypatch.setattr(digest, "_codes", {})
        digest.import_closure.cache_clear()
        job = open_plan(STUDY, path="study.yaml", scripts=REPOSITORY / "workflow/scripts", main=False)
        return job.split_digest

    with monkeypatch.context() as patched:
        patched.setattr(digest, "_read", None)
        assert of_a_job() == expected
    for damaged in ("[1", "5", "[[1, 2]]"):
        noted.write_text(damaged)
        assert of_a_job() == expected
    noted.unlink()
    assert of_a_job() == expected
