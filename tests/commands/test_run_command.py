"""`alignscape run` is Snakemake with the rules of this package; tests/workflow/test_installed.py runs it."""

import sys
from pathlib import Path

import pytest

from alignscape.commands.run import snakemake_command, with_a_cache
from alignscape.errors import UserError
from tests.helpers.workspace import REPOSITORY


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").touch()
    return Path("my.yaml")


def test_from_a_clone_it_is_the_clone_s_snakefile_and_all_cores(config: Path, tmp_path: Path) -> None:
    expected = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
    expected += ["--configfile", str(tmp_path / "my.yaml"), "--cores", "all", "--logger", "alignscape", "-n"]
    assert snakemake_command(config, ["-n"]) == expected


@pytest.mark.parametrize("option", ["--cores=2", "-c2", "--jobs=3", "-j", "--profile=mine", "--executor=slurm"])
def test_options_that_say_how_many_jobs_there_are_stand_alone(config: Path, option: str) -> None:
    assert "all" not in snakemake_command(config, [option])


@pytest.mark.parametrize("name", ["local", "slurm"])
def test_a_profile_that_comes_with_alignscape_is_named_by_its_name(config: Path, name: str) -> None:
    shipped = str(REPOSITORY / "profiles" / name)
    assert snakemake_command(config, ["--profile", name])[-2:] == ["--profile", shipped]
    assert snakemake_command(config, [f"--profile={name}"])[-1] == f"--profile={shipped}"


def test_a_profile_of_one_s_own_goes_first(config: Path) -> None:
    Path("slurm").mkdir()
    assert snakemake_command(config, ["--profile", "slurm", "-n"])[-3:] == ["--profile", "slurm", "-n"]
    assert snakemake_command(config, ["--profile", "elsewhere"])[-1] == "elsewhere"


def test_a_config_that_is_not_there_is_one_line(config: Path) -> None:
    with pytest.raises(UserError, match=r"^absent\.yaml: there is no such config file$"):
        snakemake_command(Path("absent.yaml"), [])


@pytest.mark.parametrize("home", ["/dev/null", "/proc"])
def test_a_home_without_a_cache_gets_one_beside_the_results(home: str, tmp_path: Path) -> None:
    """Snakemake ends in a traceback where it cannot write its cache."""
    found = with_a_cache({"HOME": home, "LANG": "C"}, tmp_path)
    assert found == {"HOME": home, "LANG": "C", "XDG_CACHE_HOME": str(tmp_path / ".snakemake" / "cache")}


def test_a_home_with_a_cache_is_left_as_it_is(tmp_path: Path) -> None:
    """So is a cache that the user names."""
    assert with_a_cache({"HOME": str(tmp_path)}, tmp_path / "here") == {"HOME": str(tmp_path)}
    named = {"HOME": "/dev/null", "XDG_CACHE_HOME": str(tmp_path / "named")}
    assert with_a_cache(named, tmp_path / "here") == named
