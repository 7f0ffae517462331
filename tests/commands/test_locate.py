"""Where a study was run is found from any folder."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from alignscape.commands.locate import locate
from alignscape.plan.digest import known_code
from alignscape.plan.launch import open_plan
from tests.helpers.workspace import REPOSITORY, STUDY, Workspace

SCRIPTS = REPOSITORY / "workflow/scripts"
SNAKEFILE = """
configfile: "study.yaml"

module alignscape:
    snakefile: {snakefile!r}
    config: config

use rule * from alignscape as alignscape_*
"""


def run_in(folder: Path, study: dict[str, object]) -> None:
    """What a run leaves there for the commands: the note of what it saw. `open_plan` is what the Snakefile calls."""
    (folder / "structures").mkdir(parents=True)
    shutil.copy(REPOSITORY / "data/demo/structures/1crn.pdb.gz", folder / "structures")
    (folder / "training.txt").touch()
    back = Path.cwd()
    os.chdir(folder)
    try:
        open_plan(study, path="study.yaml", scripts=SCRIPTS, main=True)
    finally:
        os.chdir(back)


def config_of(path: Path, study: dict[str, object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(study))
    return path


@pytest.mark.parametrize("config", ["study.yaml", "config/study.yaml", "config/mine/study.yaml"])
def test_by_the_config_or_a_folder_above_it(tmp_path: Path, config: str) -> None:
    run_in(tmp_path / "work", STUDY)
    place = locate(config_of(tmp_path / "work" / config, STUDY))
    assert (place.folder, place.scripts) == (tmp_path / "work", SCRIPTS)
    assert list(place.plan().inputs.file_digests) == ["1CRN"]


def test_the_current_folder_comes_first_and_a_named_one_before_it(tmp_path: Path, monkeypatch) -> None:
    for name in ("here", "there"):
        run_in(tmp_path / name, STUDY)
    config = config_of(tmp_path / "there/study.yaml", STUDY)
    monkeypatch.chdir(tmp_path / "here")
    assert locate(config).folder == tmp_path / "here"
    assert locate(config, Path("../there")).folder.resolve() == tmp_path / "there"


def test_what_the_run_read_of_the_code_is_not_read_again(tmp_path: Path) -> None:
    run_in(tmp_path, STUDY)
    (snapshot,) = (tmp_path / STUDY.get("results_dir", "results") / ".plan").glob("*.json")
    known = ["/no/such/file.py", "no.such.file", 1, 2, ["no.such"], "digest"]
    snapshot.with_suffix(".code").write_text(json.dumps([known]))
    locate(config_of(tmp_path / "study.yaml", STUDY))
    assert known in known_code()


def test_results_of_this_very_config_come_before_those_of_another(tmp_path: Path, monkeypatch) -> None:
    """But those of an earlier state of it are better than none."""
    run_in(tmp_path / "here", STUDY | {"seed": 1})
    run_in(tmp_path / "there", STUDY)
    config = config_of(tmp_path / "there/study.yaml", STUDY)
    monkeypatch.chdir(tmp_path / "here")
    assert locate(config).folder == tmp_path / "there"
    assert locate(config_of(config, STUDY | {"seed": 2})).folder == tmp_path / "here"


def test_with_absolute_results_the_run_itself_noted_its_folder(tmp_path: Path, monkeypatch) -> None:
    study = STUDY | {"results_dir": str(tmp_path / "results")}
    run_in(tmp_path / "work", study)
    config = config_of(tmp_path / "other/study.yaml", study)
    monkeypatch.chdir(tmp_path)
    assert locate(config).folder == tmp_path / "work"
    assert list(locate(config).plan().inputs.file_digests) == ["1CRN"]


def test_scripts_that_are_gone_are_those_of_the_package(tmp_path: Path) -> None:
    run_in(tmp_path / "work", STUDY)
    [seen] = (tmp_path / "work/results/.plan").glob("*.json")
    seen.write_text(json.dumps(json.loads(seen.read_text()) | {"scripts": str(tmp_path / "gone")}))
    assert locate(config_of(tmp_path / "work/study.yaml", STUDY)).scripts == SCRIPTS


def test_as_a_module_of_another_workflow(trained: Workspace, alignscape, tmp_path: Path, monkeypatch) -> None:
    """The other workflow's folder has neither scripts nor package, and the rows are found in its results."""
    own = tmp_path / "own"
    shutil.copytree(trained.path / "results", own / "results", ignore=shutil.ignore_patterns(".plan"))
    for part in ("structures", "models", "training.txt", "study.yaml"):
        (own / part).symlink_to(trained.path / part)
    (own / "Snakefile").write_text(SNAKEFILE.format(snakefile=str(trained.path / "Snakefile")))
    command = trained.command("--cores", "1", "alignscape_collect_facts")  # nothing is left to do
    subprocess.run(command, cwd=own, env=trained.environment, check=True, capture_output=True)
    monkeypatch.chdir(tmp_path)
    query = ["gearnet", "words", "--config", own / "study.yaml"]
    found = alignscape("search", *query, "--text", "crambin")
    assert found.exit_code == 0, found.stderr
    assert len(found.stdout.splitlines()) == 10
    assert alignscape("embed", "--pair", *query, own / "structures/1crn.pdb.gz", "--out", "rows.npz").exit_code == 0
    assert alignscape("export", *query, "--out", "heads").exit_code == 0
    kept = sorted(path for path in (own / "results").rglob("*") if path.is_file())
    assert alignscape("clean-stale", "--config", own / "study.yaml").stdout == "removed 0 files, 0.0 MB\n"
    assert sorted(path for path in (own / "results").rglob("*") if path.is_file()) == kept
