"""A SLURM cluster for the whole test session."""

import os
from collections.abc import Iterator

import pytest
from lab import Lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The running cluster; taken down at the end whatever happened."""
    if os.geteuid():
        pytest.skip("starting SLURM's daemons needs root")
    lab = Lab(tmp_path_factory.mktemp("slurm"))
    for folder in lab.root.parents:  # the daemons' users must be able to look in
        if folder.owner() == "root" and str(folder) != "/":
            folder.chmod(folder.stat().st_mode | 0o055)
    try:
        yield lab.up()
    finally:
        lab.down()
