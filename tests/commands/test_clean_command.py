"""`alignscape clean-stale`: what no config uses goes, but rows of version 0.1 only if somebody says so."""

import json
import shutil
from pathlib import Path

import pytest

from alignscape.commands.clean import remove_stale
from alignscape.commands.locate import locate
from tests.helpers.workspace import Workspace

OLD, NEW = "results/embeddings/gearnet/000000000000", "results/embeddings/gearnet/111111111111"


@pytest.fixture
def space(trained: Workspace, tmp_path: Path) -> Workspace:
    """A copy with stale rows of two versions in it."""
    for part in ("results", "structures", "models"):
        shutil.copytree(trained.path / part, tmp_path / "work" / part)
    for part in ("study.yaml", "training.txt"):
        shutil.copy(trained.path / part, tmp_path / "work")
    space = Workspace(tmp_path / "work")
    [own] = (space.path / "results/embeddings/gearnet").iterdir()
    for folder, version in ((OLD, "0.1.0"), (NEW, "0.2.0")):
        shutil.copytree(own, space.path / folder)
        for sidecar in (space.path / folder).glob("*.json"):
            values = json.loads(sidecar.read_text())
            sidecar.write_text(json.dumps(values | {"versions": {"alignscape": version}}))
    return space


def files(space: Workspace) -> set[str]:
    return {str(path.relative_to(space.path)) for path in (space.path / "results").rglob("*") if path.is_file()}


def below(folder: str, found: set[str]) -> set[str]:
    return {path for path in found if path.startswith(folder)}


def test_without_a_terminal_old_rows_are_kept_and_named(space, alignscape, tmp_path, monkeypatch):
    """From another folder. All that the config uses stays."""
    monkeypatch.chdir(tmp_path)
    before = files(space)
    done = alignscape("clean-stale", "--config", space.path / "study.yaml")
    assert done.exit_code == 0, done.stderr
    assert files(space) == before - below(NEW, before)
    said = done.stdout.splitlines()[-1]
    n, size = len(below(OLD, before)), sum((space.path / p).stat().st_size for p in below(OLD, before)) / 1e6
    assert said == (
        f"{space.path}/results/embeddings: {n} files, {size:.1f} MB of embeddings made by alignscape 0.1 (gearnet) kept; "
        "--remove-old removes them"
    )


def test_remove_old_removes_them_too(space, alignscape):
    before = files(space)
    done = alignscape("clean-stale", "--config", space.path / "study.yaml", "--remove-old")
    assert files(space) == before - below(NEW, before) - below(OLD, before), done.stdout
    assert not (space.path / OLD).exists()


def test_a_dry_run_removes_nothing(space, alignscape):
    before = files(space)
    done = alignscape("clean-stale", "--config", space.path / "study.yaml", "--remove-old", "--dry-run")
    assert files(space) == before
    assert done.stdout.startswith(f"would remove {len(below(NEW, before))} files")


@pytest.mark.parametrize("answer", [True, False])
def test_a_person_is_asked(space: Workspace, answer: bool) -> None:
    asked: list[str] = []
    place = locate(space.path / "study.yaml")
    remove_stale(place, say=lambda line: None, ask=lambda question: asked.append(question) or answer)
    assert len(asked) == 1
    assert (space.path / OLD).exists() is not answer
    assert not (space.path / NEW).exists()


def test_the_note_of_another_versions_run_costs_a_line(space, alignscape):
    note = space.path / "results/.plan/000000000000.json"
    note.write_text(json.dumps({"study": {"study": "old", "forgotten_key": 1}, "inputs": {}}))
    done = alignscape("clean-stale", "--config", space.path / "study.yaml")
    assert done.exit_code == 0, done.stderr
    assert "000000000000.json: noted by another version of alignscape" in done.stdout
