"""The README's picture: the first screen of a study's page.

    python tools/draw_report.py [results/demo/report.html] [--out docs/report.png]

Needs a Chromium (`tests/helpers/chromium.py` looks for one). The picture is 1200 pixels wide and has 256 colours.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.helpers.chromium import Chromium, find_chromium  # noqa: E402

WIDTH, HEIGHT = 1200, 1000


def draw(page: Path, out: Path) -> None:
    """The first screen of `page` as a PNG."""
    with Chromium(width=WIDTH, height=HEIGHT) as browser, tempfile.TemporaryDirectory() as folder:
        browser.open(page)
        whole = Path(folder) / "screen.png"
        browser.screenshot(whole)
        Image.open(whole).convert("RGB").quantize(256).save(out, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", nargs="?", type=Path, default=ROOT / "results/demo/report.html")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/report.png")
    options = parser.parse_args()
    if not options.page.is_file():
        parser.error(f"{options.page} is not there; `make demo` makes it")
    if find_chromium() is None:
        parser.error("no Chromium was found on the PATH")
    draw(options.page, options.out)


if __name__ == "__main__":
    main()
