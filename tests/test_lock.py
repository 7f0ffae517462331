"""Each lock is what its group of pyproject.toml needs, no more; the venv and conda get the same."""

import os
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
GROUPS = ("pyg", "test", "lint")
OF_A_GPU_BUILD = re.compile(r"nvidia-|cuda-|triton")  # what another build of the same torch asks for


def pins(group: str = "") -> dict[str, str]:
    """Lines of a group's lock by the name of the package; without a group, those of all users."""
    lines = (ROOT / f"requirements{'-' * bool(group)}{group}.lock").read_text().splitlines()
    return {canonicalize_name(line.partition("==")[0]): line for line in lines}


def needed(declared: list[str]) -> set[str]:
    """Names of the declared packages and of all that these ask for, as far as it is for this machine."""
    seen, waiting = set(), [(Requirement(each), "") for each in declared]
    while waiting:
        wanted, extra = waiting.pop()
        name = canonicalize_name(wanted.name)
        applies = wanted.marker is None or wanted.marker.evaluate({"extra": extra})
        if not applies or (name, extra) in seen or OF_A_GPU_BUILD.match(name):
            continue
        for extra in ("", *wanted.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [(Requirement(each), extra) for each in distribution(name).requires or []]
    return {name for name, _ in seen}


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_conda_environment_has_exactly_the_pins_of_users() -> None:
    environment = yaml.safe_load((ROOT / "envs/alignscape.yaml").read_text())
    (pip,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert set(pip) == set(pins().values())


def test_every_package_is_pinned_exactly_and_in_one_lock() -> None:
    lines = [line for group in ("", *GROUPS) for line in pins(group).values()]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []
    assert sorted({name for group in ("", *GROUPS) for name in pins(group)}) == sorted(
        name for group in ("", *GROUPS) for name in pins(group)
    )


def test_the_lock_of_users_is_what_the_dependencies_need(project: dict) -> None:
    assert needed(project["dependencies"]) == set(pins())


@pytest.mark.parametrize("group", GROUPS)
def test_the_lock_of_a_group_is_what_it_needs_beyond_the_dependencies(project: dict, group: str) -> None:
    try:
        wanted = needed(project["optional-dependencies"][group])
    except PackageNotFoundError as missing:
        pytest.skip(f"{missing.name} is not installed; make {'lint' if group == 'lint' else 'test'} installs it")
    assert wanted - set(pins()) == set(pins(group))


def test_what_comes_without_dependencies_is_installed_alike_by_make_and_conda(tmp_path: Path) -> None:
    """By make as it says it would, by conda's script with a pip that notes what it is asked for."""
    pip, asked = tmp_path / "pip", tmp_path / "asked"
    pip.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n')
    pip.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["bash", ROOT / "envs/alignscape.post-deploy.sh"], env=environment, cwd=ROOT, check=True)
    dry = [shutil.which("make"), "--dry-run", "--always-make", "setup"]
    would = subprocess.run(dry, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    of_make = {_without_deps(line) for line in would.splitlines() if "--no-deps" in line}
    assert of_make == {_without_deps(line) for line in asked.read_text().splitlines()}
    assert len(of_make) == 2


def _without_deps(command: str) -> str:
    return command[command.index("--no-deps") :]
