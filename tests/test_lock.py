"""Each lock is what its group of pyproject.toml needs, no more, and holds what is installed to the byte; conda gets the same as make."""

import hashlib
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.helpers.installations import installations_of_make
from tools.lock import GROUPS, OF_TORCH, digest_of_locks, read_pins

ROOT = Path(__file__).parents[1]
GPU_BUILD = "torch==2.13.0 --index-url https://builds.example/cu130"


def pins(group: str = "") -> dict[str, str]:
    """Lines of a group's lock by the name of the package; without a group, those of all users."""
    return read_pins((ROOT / f"requirements{'-' * bool(group)}{group}.lock").read_text())


def for_this_machine(group: str = "") -> set[str]:
    """Names of the packages of a group's lock that this system and this Python get."""
    requirements = {name: Requirement(pin.partition("\\")[0]) for name, pin in pins(group).items()}
    return {name for name, each in requirements.items() if each.marker is None or each.marker.evaluate()}


def needed(declared: list[str]) -> set[str]:
    """Names of the declared packages and of all that these ask for, as far as it is for this machine, but for torch itself."""
    seen, waiting = set(), [(Requirement(each), "") for each in declared]
    while waiting:
        wanted, extra = waiting.pop()
        name = canonicalize_name(wanted.name)
        applies = wanted.marker is None or wanted.marker.evaluate({"extra": extra})
        if not applies or (name, extra) in seen or (OF_TORCH.match(name) and name != "torch"):
            continue
        for extra in ("", *wanted.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [(Requirement(each), extra) for each in distribution(name).requires or []]
    return {name for name, _ in seen} - {"torch"}


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_every_package_is_pinned_exactly_with_hashes_and_in_one_lock() -> None:
    groups = ("", *GROUPS, "models", "axe")
    form = re.compile(r"[a-z0-9.-]+==[A-Za-z0-9.]+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n")
    assert [pin for group in groups for pin in pins(group).values() if not form.fullmatch(pin)] == []
    users = ("", "pyg", "foldseek", "gromov", "test", "lint", "models", "axe")
    lines = [pin for group in users for pin in pins(group).values()]
    assert sorted(lines) == sorted(set(lines))


def test_the_site_is_made_by_the_same_versions_that_others_have() -> None:
    """`make docs` does without what tests and style checks need, so that its lock repeats what it shares with theirs.

    What others have on one system only (colorama) it may have on all.
    """
    others = pins() | pins("test") | pins("lint")
    own = {name: pin for name, pin in pins("docs").items() if name in others}
    assert own
    for name, pin in own.items():
        assert pin in (others[name], re.sub(r" ; [^\\\n]+", " ", others[name]))


def test_torch_alone_has_no_hash_and_an_exact_version() -> None:
    lines = (ROOT / "requirements-torch.lock").read_text().splitlines()
    (pin,) = (line for line in lines if not line.startswith("#"))
    assert re.fullmatch(r"torch==[0-9.]+", pin)
    assert [name for group in ("", *GROUPS) for name in pins(group) if OF_TORCH.match(name)] == []


def test_a_changed_lock_changes_the_environment_of_conda() -> None:
    """Snakemake makes an environment anew when its file changes, and does not look at the locks."""
    (line,) = re.findall(r"(?m)^# locks: (.*)$", (ROOT / "envs/alignscape.yaml").read_text())
    assert line == digest_of_locks(ROOT)


def test_a_file_with_another_hash_is_not_installed(tmp_path: Path) -> None:
    """The flags of make, on a package of our own, with the hash of another file in its lock."""
    wheel = made_wheel(tmp_path)
    (tmp_path / "own.lock").write_text(f"own-made==1.0 --hash=sha256:{hashlib.sha256(b'another').hexdigest()}\n")
    flags = next(command for command in installations_of_make() if "requirements.lock" in command).split()
    flags = [flag for flag in flags if flag.startswith("--")]
    pip = [sys.executable, "-m", "pip", "install", *flags, "--no-index", "--find-links", tmp_path, "--target"]
    done = subprocess.run([*pip, tmp_path / "target", "-r", tmp_path / "own.lock"], capture_output=True, text=True)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    (tmp_path / "own.lock").write_text(
        f"own-made==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    )
    subprocess.run([*pip, tmp_path / "target", "-r", tmp_path / "own.lock"], capture_output=True, check=True)


def made_wheel(folder: Path) -> Path:
    """A package with nothing in it, as pip wants it."""
    path = folder / "own_made-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("own_made-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: own-made\nVersion: 1.0\n")
        wheel.writestr("own_made-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("own_made-1.0.dist-info/RECORD", "")
    return path


def test_the_lock_of_users_is_what_the_dependencies_need(project: dict) -> None:
    assert needed(project["dependencies"]) == for_this_machine()


@pytest.mark.parametrize("group", GROUPS)
def test_the_lock_of_a_group_is_what_it_needs_beyond_the_dependencies(project: dict, group: str) -> None:
    try:
        wanted = needed(project["optional-dependencies"][group])
    except PackageNotFoundError as missing:
        pytest.skip(
            f"{missing.name} is not installed; make {group if group in ('lint', 'docs') else 'test'} installs it"
        )
    assert wanted - for_this_machine() == for_this_machine(group)


def test_make_and_conda_install_alike(tmp_path: Path) -> None:
    """By make as it says it would, by conda's script with a pip that notes what it is asked for."""
    pip, asked = tmp_path / "pip", tmp_path / "asked"
    pip.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n')
    pip.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["bash", ROOT / "envs/alignscape.post-deploy.sh"], env=environment, cwd=ROOT, check=True)
    assert installations_of_make() == [line.partition("-q ")[2] for line in asked.read_text().splitlines()]


def test_another_torch_takes_the_place_of_the_locks_and_of_nothing_else() -> None:
    plain, other = installations_of_make(), installations_of_make(f"TORCH={GPU_BUILD}")
    assert len(plain) == 4
    assert [GPU_BUILD if line == "-r requirements-torch.lock" else line for line in plain] == other != plain
