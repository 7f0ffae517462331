"""Small structure files made by code, one for each thing that real files do."""

import gzip
from pathlib import Path

import pytest


@pytest.fixture
def write(tmp_path: Path):
    """A function that writes lines or text as a file of the given name (gzipped if it ends so) and returns its path."""

    def write_file(content: list[str] | str, name: str = "entry.pdb", newline: str = "\n") -> Path:
        text = content if isinstance(content, str) else newline.join([*content, ""])
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return write_file
