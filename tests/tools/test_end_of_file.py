"""Every text file ends with one newline."""

from pathlib import Path

import pytest

from tools.end_of_file import mend


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\nb", b"a\nb\n"),
        (b"a\n\n\n", b"a\n"),
        (b"a\r\nb\r\n\r\n", b"a\r\nb\n"),
        (b"\n", b""),
        (b"  a\n", b"  a\n"),
        (b"", b""),
    ],
)
def test_the_end_is_one_newline_and_the_rest_stays(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(before)
    assert mend(path) == (before != after)
    assert path.read_bytes() == after
    assert not mend(path)
