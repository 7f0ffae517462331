"""The distributions are scipy's, and asking for them does not import all of its statistics."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from alignscape.statistics.distributions import mid_ranks, normal_below, normal_quantile, t_above, t_quantile

DEGREES = np.array([1, 2, 3.7, 10, 1e6, np.inf, 0, -1, np.nan])[:, None]
SHARES = np.array([1e-9, 0.025, 0.5, 0.975, 1, np.nan])
PLACES = np.array([-np.inf, -5, -0.1, 0, 2, 40, np.inf, np.nan])


def test_every_number_is_that_of_scipy() -> None:
    same = np.testing.assert_array_equal
    same(normal_below(PLACES), stats.norm.cdf(PLACES))
    same(normal_quantile(SHARES), stats.norm.ppf(SHARES))
    same(t_quantile(SHARES, DEGREES), stats.t.ppf(SHARES, DEGREES))
    same(t_above(PLACES, DEGREES), stats.t.sf(PLACES, DEGREES))


def test_ranks_of_rows_share_ties() -> None:
    assert mid_ranks([[3, 1, 3], [2, 5, 4]]).tolist() == [[2.5, 1, 2.5], [1, 3, 2]]


@pytest.mark.parametrize("question", ["pairs", "dimension", "methods", "separability"])
def test_a_job_that_needs_no_ranks_does_not_import_scipys_statistics(question: str) -> None:
    program = f"import sys, alignscape.questions.{question}.analysis; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
