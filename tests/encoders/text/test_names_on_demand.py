"""A package's own file runs when one of its names is asked for."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from alignscape.encoders.text.names_on_demand import names_on_demand

# "run" is written where the file of a package runs
OWN = "import sys\nsys.made_runs.append(__name__)\nfrom .part import VALUE\n__version__ = '1.5'\n"


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """An installed package `made` with a package `made.inner`; in the list, which of their own files have run."""
    for package in ("made", "made/inner"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(OWN)
        (tmp_path / package / "part.py").write_text("VALUE = __name__\n")
    (tmp_path / "made/user.py").write_text("from . import __version__, part, inner\n")
    (tmp_path / "made-1.5.dist-info").mkdir()
    (tmp_path / "made-1.5.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: made\nVersion: 1.5\n")
    monkeypatch.syspath_prepend(tmp_path)
    found: list[str] = []
    monkeypatch.setattr(sys, "made_runs", found, raising=False)
    yield found
    for name in [name for name in sys.modules if name.partition(".")[0] == "made"]:
        del sys.modules[name]


def test_modules_are_imported_without_their_packages_file(runs: list[str]) -> None:
    names_on_demand("made", "made.inner")
    user = import_module("made.user")
    assert (user.__version__, user.part.VALUE, import_module("made.inner.part").VALUE) == (
        "1.5",
        "made.part",
        "made.inner.part",
    )
    assert runs == []


def test_a_name_brings_the_package_and_its_modules_stay(runs: list[str]) -> None:
    names_on_demand("made", "made.inner")
    before, part = import_module("made"), import_module("made.part")
    assert (before.VALUE, runs) == ("made.part", ["made"])
    assert before.VALUE == import_module("made").VALUE  # whoever holds what stood there before is served too
    assert import_module("made.part") is part
    assert (import_module("made.inner").VALUE, runs) == ("made.inner.part", ["made", "made.inner"])
    with pytest.raises(AttributeError, match="nothing"):
        _ = before.nothing


def test_a_package_that_was_imported_stays_as_it_is(runs: list[str]) -> None:
    made = import_module("made")
    names_on_demand("made", "not_installed")
    assert import_module("made") is made
    assert "not_installed" not in sys.modules
