"""What a clock that was set back leaves."""

import os
import time
from pathlib import Path

import pytest

from alignscape.plan.clock import date_no_file_in_the_future


def test_files_from_the_future_are_dated_now_and_others_are_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At any depth; what a link points to is not touched, nor is an older file."""
    day = 86400
    start = time.time()
    outside, deep, old = tmp_path / "outside", tmp_path / "results/a/b/deep", tmp_path / "results/old"
    deep.parent.mkdir(parents=True)
    for path, date in ((outside, start + day), (deep, start + day), (old, start - day)):
        path.write_text("as it was")
        os.utime(path, (date, date))
    (tmp_path / "results/link").symlink_to(outside)
    assert date_no_file_in_the_future(tmp_path / "results") == 1
    assert start - 1 <= deep.stat().st_mtime <= time.time()
    assert old.stat().st_mtime == pytest.approx(start - day)
    assert outside.stat().st_mtime == pytest.approx(start + day)
    assert deep.read_text() == "as it was"
    assert "1 file was dated in the future" in capsys.readouterr().err
    assert date_no_file_in_the_future(tmp_path / "results") == 0
    assert capsys.readouterr().err == ""
