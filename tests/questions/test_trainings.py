"""RQ4's trend allows for what another training of each width would have given."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from alignscape.questions.dimension.analysis import slopes, trainings
from alignscape.questions.findings.judgement import Contrast, each_above
from alignscape.statistics.clusters import Clusters
from alignscape.statistics.means import Means

WIDTHS = (64, 128, 256, 512, 1024, 2048)
STUDIES, N = 300, 500


def ladder(control: str) -> tuple[Any, list[dict[str, Any]]]:
    """A table's results and what is known of them: one language model, six widths."""
    table = SimpleNamespace(results=[SimpleNamespace(language_model="a") for _ in WIDTHS])
    return table, [{"control": control, "dimension": w} for w in WIDTHS]


def made_means(generator: np.random.Generator, spread: float) -> Means:
    """Widths without effect: proteins' own noise, and one training per width with that standard deviation."""
    proteins = generator.normal(0, 0.2, (len(WIDTHS), 5, N)) + generator.normal(0, 0.2, N)
    return Means(list(proteins + generator.normal(0, spread, (len(WIDTHS), 1, 1))), Clusters.alone(N))


@pytest.mark.parametrize("spread", [0.005, 0.02])
def test_a_width_without_effect_holds_in_few_studies(spread: float) -> None:
    """Intervals cover 0 in 95 %, finding 14 holds in 2.5 %; with the trainings left out at .02 in a third of all studies."""
    generator = np.random.default_rng(7)
    table, about = ladder("none")
    held, covered, without = 0, 0, 0
    weights = slopes(table, about)["a", "none"]
    for _ in range(STUDIES):
        means = made_means(generator, spread)
        item = Contrast("a", means, weights, trainings(means.value, table, about)["a", "none"])
        low, high = item.ends()
        covered += low <= 0 <= high
        held += each_above([item]).verdict == "holds"
        without += each_above([Contrast("a", means, weights)]).verdict == "holds"
    assert covered / STUDIES >= 0.93
    assert held / STUDIES <= 0.05
    assert spread < 0.02 or without / STUDIES > 0.15


def test_the_spread_is_the_error_of_an_ordinary_regression() -> None:
    """NumPy's covariance of a fitted line; a PCA's rungs are one training."""
    scores = np.random.default_rng(1).normal(size=len(WIDTHS))
    expected = np.polyfit(np.log2(WIDTHS), scores, 1, cov=True)[1][0, 0]
    table, about = ladder("none")
    assert trainings(scores, table, about)["a", "none"] == (pytest.approx(expected), 4.0)
    table, about = ladder("pca")
    assert trainings(scores, table, about)["a", "pca"][0] == 0.0
