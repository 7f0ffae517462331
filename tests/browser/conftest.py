"""A browser and a page in it; skipped where there is no Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.chromium import Chromium, find_chromium
from tests.helpers.made_study import made_study
from tests.helpers.whole_page import build_page


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made study's page, whose names try to break out of it."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    build_page(made_study(120, nasty=True), path)
    return path


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    """A browser with one blank page."""
    if find_chromium() is None:
        pytest.skip("no Chromium on this machine")
    with Chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium: Chromium, report: Path) -> Chromium:
    """The browser with the report in it, drawn."""
    chromium.open(report)
    chromium.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    chromium.wait_for("document.querySelector('[data-drawn]')")
    return chromium
