"""How many proteins would decide: against simulated studies."""

import numpy as np
import pytest
from scipy import stats

from alignscape.statistics.power import about, proteins_needed


def test_so_many_proteins_decide_in_eight_of_ten_studies():
    """A mean of 0.1 with a standard deviation of 1, in studies of the number that is asked for."""
    n = round(proteins_needed(0.1, 1 / np.sqrt(50), 50))
    studies = np.random.default_rng(0).standard_normal((1500, n)) + 0.1
    found = (stats.ttest_1samp(studies, 0, axis=1).pvalue < 0.05).mean()
    assert found == pytest.approx(0.8, abs=0.03)


def test_more_comparisons_need_more_proteins():
    """Sharing the 5 % costs proteins; no distance can never be decided."""
    assert proteins_needed(0.1, 0.1, 50, comparisons=45) > 1.5 * proteins_needed(0.1, 0.1, 50)
    assert proteins_needed(0.0, 0.1, 50) == np.inf


def test_numbers_are_rounded_up_to_two_digits():
    """No false exactness, and no promise below what is needed."""
    assert about(1234) == "about 1,300 proteins"
    assert about(97.2) == "about 98 proteins"
    assert about(np.inf) == about(np.nan) == "more than a million proteins"
