"""A tiny study, run once to the end; tests that change it work on copies."""

from pathlib import Path

import pytest

from tests.helpers.made_once import made_once
from tests.helpers.workspace import Workspace, copy_of


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A finished run, one for all processes of a test run; not to be changed."""
    return Workspace(made_once(tmp_path_factory, "finished", _run) / "my wörk")


def _run(folder: Path) -> None:
    Workspace.create(folder / "my wörk").run()


@pytest.fixture
def space(finished: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the finished run, time stamps kept, to be changed."""
    return copy_of(finished, tmp_path)
