"""No secret of the environment or of a config is in anything that a run leaves, or shows while it runs."""

import base64
import binascii
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

from alignscape.report.payload import pack
from tests.helpers.workspace import SECRETS, STUDY, Workspace

PASSWORD = "hunter2-planted"


def holding(folder: Path, secret: str) -> list[str]:
    """Files below a folder that hold it, in the name, as text, or packed as the page packs its data."""
    return [
        str(path)
        for path in files(folder)
        if secret in path.name or any(secret.encode() in content for content in contents(path))
    ]


def contents(path: Path) -> Iterator[bytes]:
    """A file's bytes, and what is base64 of gzip in a page."""
    yield path.read_bytes()
    for packed in re.findall(rb"H4sI[A-Za-z0-9+/=]{20,}", path.read_bytes()) if path.suffix == ".html" else ():
        try:
            yield gzip.decompress(base64.b64decode(packed))
        except (binascii.Error, OSError, EOFError):  # it only looked like it
            continue


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def test_what_is_packed_is_looked_into(tmp_path: Path) -> None:
    """The search below would find a key in a page's packed data, in plain text, and in a name."""
    (tmp_path / "page.html").write_text(f"<script>{pack({'key': 'sk-1234', 'rest': list(range(99))})}</script>")
    (tmp_path / "plain.log").write_text("sk-1234")
    (tmp_path / "sk-1234").write_text("")
    assert [Path(path).name for path in sorted(holding(tmp_path, "sk-1234"))] == ["page.html", "plain.log", "sk-1234"]


def test_a_run_leaves_no_key_behind(finished: Workspace) -> None:
    """Keys of the environment are in no file of results/, .snakemake/ and .cache/, in none else, and in no command line."""
    for name in ("results", ".snakemake", ".cache"):
        assert any(files(finished.path / name)), name
    for name, secret in SECRETS.items():
        assert finished.environment[name] == secret
        assert holding(finished.path, secret) == []
    seen = (finished.path / "tmp" / "seen-secrets.txt").read_text().splitlines()
    assert len(seen) > 100
    assert set(seen) == {"clean"}


def test_a_password_in_a_url_is_refused_before_anything_is_written(space: Workspace) -> None:
    """One line that does not repeat it; apart from the config itself no file holds it."""
    url = f"https://user:{PASSWORD}@example.org/v1"
    space.configure(STUDY | {"text": {"describer": "openai", "openai": {"base_url": url}}})
    said = space.snakemake("--cores", "1", check=False)
    assert "text.openai.base_url: the URL holds a user name or a password" in said
    assert PASSWORD not in said
    assert holding(space.path, PASSWORD) == [str(space.path / "study.yaml")]
