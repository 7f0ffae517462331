"""Axes put values where they belong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignscape.report.scale import Scale, spanning

finite = st.floats(-1e3, 1e3)


def test_ends_and_middle() -> None:
    """Linear by value, octaves by ratio."""
    assert [Scale(-1, 1).percent(v) for v in (-1, 0, 1)] == [0, 50, 100]
    assert Scale(10, 1000, octaves=True).percent(100) == pytest.approx(50)


@given(st.lists(finite, min_size=1))
def test_every_value_lies_inside(values: list[float]) -> None:
    """The spanning axis holds all its values, ticks too, and has a width."""
    scale = spanning(values)
    assert all(0 <= scale.percent(v) <= 100 for v in values)
    assert all(-1e-6 <= scale.percent(t) <= 100 + 1e-6 for t in scale.ticks())


def test_ticks_are_round_and_hit_zero_exactly() -> None:
    """A tick at zero is zero, so that its line can be told from the others."""
    assert Scale(-0.07, 0.43).ticks() == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert spanning([None, float("nan")]).ticks()
