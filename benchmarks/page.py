"""Size and speed of the report of a made study: every question, many proteins.

    python benchmarks/page.py [--proteins 20000]

Prints seconds to build the page and the figures, the page's size, and, where there is a Chromium, the seconds until it
is open, all sections too, and the first points are drawn, and until a protein's page is shown (best of three).
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alignscape.questions.registry import describe, sections  # noqa: E402
from alignscape.report.figures.printed.draw import draw_figures  # noqa: E402
from alignscape.report.page import build_page  # noqa: E402
from alignscape.report.results import StudyResults  # noqa: E402
from tests.helpers.chromium import Chromium, find_chromium  # noqa: E402
from tests.helpers.made_study import identifiers, made_study  # noqa: E402


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def page(results: StudyResults, path: Path) -> None:
    """The report in a file."""
    build_page(results, path, sections=sections(), figures=describe(results))


def opened(path: Path, protein: str) -> tuple[float, float]:
    """Seconds until the page, with all sections open, has points, and then until one protein is shown."""
    with Chromium() as browser:

        def draw() -> None:
            browser.open(path)
            browser.evaluate("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
            browser.wait_for("document.querySelector('[data-drawn]')")

        def show() -> None:
            browser.evaluate(f"location.hash = '#protein={protein}'")
            browser.wait_for("document.querySelector('#protein-page h1')")

        return seconds(draw), seconds(show)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--proteins", type=int, default=20_000)
    n = parser.parse_args().proteins
    results = made_study(n)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        print(f"{n} proteins, {len(results.questions['proteins']['pairs'])} pairs")
        print(f"page built in {seconds(lambda: page(results, path)):.1f} s, {path.stat().st_size / 1e6:.2f} MB")
        print(
            f"figures drawn in {seconds(lambda: draw_figures(chain(*describe(results).values()), Path(folder))):.1f} s"
        )
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
        if find_chromium():
            times = [opened(path, identifiers(n)[-1]) for _ in range(3)]
            print(
                "open with points drawn in {:.2f} s, a protein shown in {:.2f} s".format(
                    *map(min, zip(*times, strict=True))
                )
            )


if __name__ == "__main__":
    main()
