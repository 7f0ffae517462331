"""A study with trained pairs, shared by the tests of the commands that use it, and a way to call these."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from alignscape.cli import app
from tests.helpers.trained_study import trained_study
from tests.helpers.workspace import Workspace

Alignscape = Callable[..., Any]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A study run up to the trained pairs; not to be changed."""
    return trained_study(tmp_path_factory)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own to be in, with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    Path(".cache").mkdir()
    return tmp_path


@pytest.fixture
def alignscape() -> Alignscape:
    """Calls `alignscape` with these arguments, in the current folder; click's result: exit_code, stdout, stderr."""
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
