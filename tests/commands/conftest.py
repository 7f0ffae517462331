"""A study with trained pairs, shared by the tests of the commands that use it."""

import pytest
from fixtures.trained_study import trained_study
from fixtures.workspace import Workspace


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A study run up to the trained pairs; not to be changed."""
    return trained_study(tmp_path_factory)
