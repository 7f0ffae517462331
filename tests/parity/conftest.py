"""Parity tests compare with outputs of the original implementations, kept beside the repository in ../shared."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("ALIGNSCAPE_SHARED", Path(__file__).parents[3] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of oracles; without it the test is skipped, and says so."""
    if not (SHARED / "oracles").is_dir():
        pytest.skip(f"no oracles: {SHARED} is absent (set ALIGNSCAPE_SHARED to its place)")
    return SHARED
