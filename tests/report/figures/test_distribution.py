"""A distribution's shape is the kernel density, its box the quartiles."""

import re

import numpy as np
from scipy.stats import gaussian_kde

from alignscape.report.figures.distribution import MOST_POINTS, density, outline
from alignscape.report.figures.marks import Distribution
from alignscape.report.figures.page.violin import violin
from alignscape.report.scale import Scale


def test_density_is_scipys() -> None:
    """Equal to SciPy's estimate of the same bandwidth, but for the histogram behind it."""
    values = np.random.default_rng(1).normal(0.4, 0.1, 400)
    at = np.linspace(0, 1, 50)
    spread = min(values.std(ddof=1), np.subtract(*np.percentile(values, [75, 25])) / 1.349)
    expected = gaussian_kde(values, 0.9 * spread * 400**-0.2 / values.std(ddof=1))(at)
    np.testing.assert_allclose(density(values, at), expected, rtol=0.01, atol=1e-3)


def test_quartiles_and_points_are_drawn_where_they_are() -> None:
    """On an axis from 0 to 1 the box goes from the first to the third quartile; of many points a part is drawn."""
    values = np.random.default_rng(2).uniform(0, 1, 1000)
    mark = Distribution(values.tolist(), [f"P{i}" for i in range(1000)], "#000000")
    drawn = violin(mark, Scale(0, 1), height=40)
    x, width = (float(v) for v in re.search(r'<rect x="([\d.]+)%" width="([\d.]+)%"', drawn).groups())
    q1, q3 = np.percentile(values, [25, 75]) * 100
    np.testing.assert_allclose([x, x + width], [q1, q3], atol=0.02)
    assert drawn.count("data-id=") == MOST_POINTS


def test_few_and_equal_values_have_no_shape_but_are_drawn() -> None:
    """Neither breaks the figure."""
    for values in (np.array([0.5]), np.full(9, 0.25)):
        assert outline(values) is None
        drawn = violin(Distribution(values.tolist(), ["A"] * len(values)), Scale(0, 1), height=40)
        assert "<path" not in drawn
        assert "NaN" not in drawn
        assert "nan" not in drawn
