"""The workflow knows the figures by name without importing what draws them."""

from pathlib import Path

from alignscape.plan import FIGURES
from alignscape.report import static_figures


def test_the_plan_and_the_drawing_name_the_same_figures():
    assert set(FIGURES) == set(static_figures.FIGURES)


def test_every_figure_has_a_caption():
    assert all(Path(f"workflow/report/{name}.rst").read_text().strip() for name in FIGURES)
