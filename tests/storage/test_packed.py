"""What a file holds says whether it can unpack to so much, not how many blocks its file system has given it yet."""

import os
from pathlib import Path

import pytest

from alignscape.errors import UserError
from alignscape.storage.packed import require_credible

SIZE, LEAST = 2**28, 2**28 // 200 + 1


@pytest.fixture(params=["tells holes", "tells none"])
def few_blocks(request, monkeypatch):
    """A file system that has given files one block so far; with SEEK_DATA, and without."""
    real = Path.stat

    def stat(path: Path, **options: bool) -> os.stat_result:
        found = real(path, **options)
        return os.stat_result(found[:10], {"st_blocks": 1})

    monkeypatch.setattr(Path, "stat", stat)
    if request.param == "tells none":
        monkeypatch.delattr(os, "SEEK_DATA")


@pytest.mark.usefixtures("few_blocks")
def test_a_fresh_file_whose_blocks_come_later_is_taken(tmp_path):
    path = tmp_path / "rows.npz"
    path.write_bytes(bytes(2**22) + b"\1" * 2 * LEAST)  # as a table that begins with zeros
    require_credible(path, SIZE)


@pytest.mark.usefixtures("few_blocks")
@pytest.mark.parametrize("written", [0, 5000])
def test_a_file_of_holes_is_refused_by_its_content(tmp_path, written):
    path = tmp_path / "holes.npz"
    path.write_bytes(b"\1" * written)
    os.truncate(path, SIZE)
    counted = -(-written // 4096) * 4096
    with pytest.raises(UserError, match=rf"holes\.npz: {counted} bytes that unpack to {SIZE}; no table is"):
        require_credible(path, SIZE)


def test_a_file_of_few_bytes_is_refused_and_small_ones_are_nobody_s_business(tmp_path):
    path = tmp_path / "bomb.npz"
    path.write_bytes(b"\1" * (LEAST - 100))
    with pytest.raises(UserError, match=f"{LEAST - 100} bytes that unpack to"):
        require_credible(path, SIZE)
    require_credible(path, 2**26)
