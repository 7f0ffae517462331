"""What tests of several rooms want."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("alignscape", deadline=None)  # of 200 ms an example, which a busy machine does not keep
settings.load_profile("alignscape")

if "PYTEST_XDIST_WORKER" in os.environ:  # processes beside each other: two threads of each would wait for one another
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def demo() -> Path:
    """The embedded data set."""
    return Path(__file__).parents[1] / "data" / "demo"
