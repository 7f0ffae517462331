"""A value against exchanges: z and p count towards what is alike, whichever end that is."""

import numpy as np
import pytest

from alignscape.statistics.exchange import against_exchanges

NULL = np.random.default_rng(0).normal(2.0, 0.5, 199)


@pytest.mark.parametrize(("alike", "observed"), [("high", 4.0), ("low", 0.0)])
def test_what_is_more_alike_than_every_exchange_has_a_high_z_and_the_least_p(alike, observed):
    found = against_exchanges(observed, NULL, alike=alike)
    assert (found.mean, found.sd) == pytest.approx((NULL.mean(), NULL.std(ddof=1)))
    assert found.z == pytest.approx(abs(observed - NULL.mean()) / NULL.std(ddof=1))
    assert found.p == 1 / 200
    other = against_exchanges(observed, NULL, alike="low" if alike == "high" else "high")
    assert (other.z, other.p) == (-found.z, 1)


def test_values_that_rounding_alone_tells_apart_are_one_value():
    """As of a measure that no exchange changes: no z, and a p of 1."""
    found = against_exchanges(0.3, 0.3 + 1e-16 * np.arange(-10, 10))
    assert (found.z, found.p) == (None, 1)
