"""Numbers as people read them."""

import math

import pytest

from alignscape.report import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.3124, "0.312"), (-0.0301, "−0.030"), (-0.0001, "0.000"), (None, "–"), (math.nan, "–"), (2.0, "2.000")],
)
def test_fixed_digits(value: float | None, text: str) -> None:
    """A true minus, no minus zero, a dash for nothing."""
    assert numbers.fixed(value) == text


def test_an_estimate_has_its_interval() -> None:
    """Value and bounds, from keys with or without a prefix; without bounds the value alone."""
    row = {"r": 0.5, "low": 0.41, "high": 0.58, "s": -0.2, "s_low": -0.3, "s_high": -0.1, "t": 1.0}
    assert numbers.estimate(row, "r", 2, prefix="") == "0.50 [0.41, 0.58]"
    assert numbers.estimate(row, "s", 1) == "−0.2 [−0.3, −0.1]"
    assert numbers.estimate(row, "t", 1) == "1.0"


@pytest.mark.parametrize(("p", "text"), [(0.0, "< 0.001"), (0.0123, "0.012"), (0.42, "0.42"), (None, "–")])
def test_a_p_value_is_never_zero(p: float | None, text: str) -> None:
    """Small ones are bounded."""
    assert numbers.probability(p) == text


def test_words_follow_their_numbers() -> None:
    """Singular, plural, thousands, lists."""
    assert numbers.plural(1, "protein") == "1 protein"
    assert numbers.plural(20000, "protein") == "20\u202f000 proteins"
    assert numbers.listing(["a", "b", "c"]) == "a, b and c"
    assert numbers.listing([]) == ""
    assert numbers.share(0.305) == "30\u202f%"
