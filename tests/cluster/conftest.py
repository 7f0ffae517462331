"""A SLURM cluster for the whole test session."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.lab import Lab


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The running cluster; taken down at the end whatever happened."""
    if os.geteuid():
        pytest.skip("starting SLURM's daemons needs root")
    lab = Lab(Path(tempfile.mkdtemp(prefix="alignscape-slurm-")))
    try:
        yield lab.up()
    finally:
        lab.down()
