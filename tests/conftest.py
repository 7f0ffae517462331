"""What tests of several rooms want."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def demo() -> Path:
    """The embedded data set."""
    return Path(__file__).parents[1] / "data" / "demo"
