"""The README's picture is the first screen of a page."""

from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.chromium import find_chromium
from tests.helpers.made_study import made_study
from tests.helpers.whole_page import build_page
from tools.draw_report import HEIGHT, WIDTH, draw


@pytest.mark.skipif(find_chromium() is None, reason="no Chromium on this machine")
def test_it_has_the_first_screen(tmp_path: Path) -> None:
    build_page(made_study(20), tmp_path / "report.html")
    draw(tmp_path / "report.html", tmp_path / "report.png")
    picture = Image.open(tmp_path / "report.png")
    assert picture.size == (WIDTH, HEIGHT)
    assert len(picture.getcolors(256)) > 20
    assert (tmp_path / "report.png").stat().st_size < 300_000
