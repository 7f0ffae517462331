"""A wheel brings the whole workflow: installed where no repository is, it runs a study from any folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from tests.helpers.workspace import REPOSITORY

BESIDE = ("Snakefile", "workflow", "profiles", "envs", "config", "data")  # the package, in the repository
STUDY = {
    "study": "small",
    "proteins": {
        "source": "embedded",
        "ids": ["1A8O", "1AJJ", "1BX8", "1CRN", "1FAS", "1ORC", "1TAP", "5PTI", "1A19", "1BTA", "1D3Z", "1UBI"],
        "encoder_training": {"fraction": 0},
    },
    "structure_encoders": [{"name": "composition", "encoder": "composition"}],
    "language_models": [{"name": "tfidf", "encoder": "tfidf"}],
    "alignment": {
        "splits": ["kfold"], "folds": 3, "seeds": 2, "epochs": 2, "layers": [1], "untrained_draws": 2,
        "permutations": 10, "bootstrap": 100,
    },
}  # fmt: skip


def tracked(*folders: str) -> set[str]:
    """Files of the repository in these folders."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return {name for name in done.stdout.splitlines() if (REPOSITORY / name).is_file()}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the repository, with the packages that are installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in tracked("."):
        (folder / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, folder / "copy" / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--wheel-dir", folder, folder / "copy"], check=True, cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `alignscape` command of a fresh environment that has the wheel, and everything else from this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=True)
    scheme = {"base": str(folder), "platbase": str(folder)}
    own = Path(sysconfig.get_path("purelib", vars=scheme))
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin/python", "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", wheel], check=True)
    (own / "everything_else.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "alignscape"


def run(alignscape: Path, *arguments: str, folder: Path) -> str:
    """What the command prints, run in a folder, without this repository on Python's path."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHONPATH", "PYTEST"))}
    done = subprocess.run(
        [alignscape, *arguments], cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_a_wheel_holds_every_file_of_the_package_and_of_the_workflow(wheel: Path) -> None:
    expected = {f"alignscape/shipped/{name}" for name in tracked(*BESIDE)}
    expected |= {name.removeprefix("src/") for name in tracked("src")}
    assert len(expected) > 300
    with ZipFile(wheel) as archive:
        assert expected - set(archive.namelist()) == set()
        assert [name for name in archive.namelist() if name.endswith(".pyc")] == []


def test_installed_it_plans_a_study_in_any_folder(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "my.yaml").write_text(yaml.safe_dump(STUDY))
    printed = run(installed, "run", "../my.yaml", "--dry-run", folder=tmp_path / "here")
    assert "embed_structure" in printed
    assert [path.name for path in (tmp_path / "here").iterdir()] == [".snakemake"]  # a dry run writes nothing else


@pytest.mark.slow
def test_installed_it_runs_a_study_to_its_report(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text(yaml.safe_dump(STUDY))
    run(installed, "run", "my.yaml", "--cores", "2", folder=tmp_path)
    assert "<html" in (tmp_path / "results/small/report.html").read_text()
    assert "results/small/report.html" in run(installed, "show", "--config", "my.yaml", folder=tmp_path).replace(
        "\n", ""
    )
