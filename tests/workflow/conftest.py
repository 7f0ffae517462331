"""A tiny study, run once to the end; tests that change it work on copies."""

import shutil
from pathlib import Path

import pytest

from tests.helpers.workspace import Workspace


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A finished run; not to be changed."""
    space = Workspace.create(tmp_path_factory.mktemp("finished") / "my wörk")
    space.run()
    return space


@pytest.fixture
def space(finished: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the finished run, time stamps kept, to be changed."""
    shutil.copytree(finished.path, tmp_path / "my wörk", symlinks=True)
    return Workspace(tmp_path / "my wörk")
