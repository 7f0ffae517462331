"""Axes put values where they belong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignscape.report.figures.axis import Axis
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


def test_a_logarithmic_axis_begins_at_a_tick_where_one_is_near() -> None:
    """Lengths from 37 on have a tick at 30 left of them; those from 85 on would lie far from it; ticks that are given stay."""
    axis = Axis("length", octaves=True)
    assert axis.labelled_ticks(axis.scale([37.0, 2000.0]))[0] == (30.0, "30")
    assert axis.labelled_ticks(axis.scale([85.0, 2000.0]))[0] == (100.0, "100")
    assert Axis("width", octaves=True, ticks=[64]).scale([37.0, 64.0]).low == pytest.approx(37 / 1.12)
