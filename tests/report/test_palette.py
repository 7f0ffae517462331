"""Colours are told apart, and seen on both grounds."""

from itertools import combinations

import pytest

from alignscape.report.palette import KINDS, diverging, gdm_colours, ink_on

GROUNDS = ("#fcfcfa", "#14191d")


def channels(colour: str) -> list[float]:
    """Linear red, green and blue, 0 to 1."""
    parts = (
        [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        if len(colour) == 7
        else [int(c, 16) / 15 for c in colour[1:]]
    )
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), channels(colour), strict=True))


def contrast(a: str, b: str) -> float:
    """Contrast ratio (WCAG 2), 1 to 21."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


# Linear RGB as it is seen without the first, the second or the third kind of cone (Machado et al. 2009, severity 1).
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_marks_are_seen_on_both_grounds(kind: str, ground: str) -> None:
    """Graphics need a contrast of 3."""
    assert contrast(KINDS[kind], ground) >= 3


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_encoders_differ_without_one_kind_of_cone(blindness: str) -> None:
    """No two colours of encoders fall together."""
    seen = {
        k: [sum(w * c for w, c in zip(row, channels(v), strict=True)) for row in BLINDNESS[blindness]]
        for k, v in KINDS.items()
    }
    for a, b in combinations(seen, 2):
        difference = sum((x - y) ** 2 for x, y in zip(seen[a], seen[b], strict=True)) ** 0.5
        assert difference > 0.05, (a, b, difference)


@pytest.mark.parametrize("r", [-1, -0.63, -0.4, 0, 0.3, 0.61, 0.63, 1])
def test_numbers_are_legible_on_their_cell(r: float) -> None:
    """Text needs a contrast of 4.5."""
    assert contrast(diverging(r), ink_on(r)) >= 4.5


def test_two_encoders_of_a_kind_get_two_colours() -> None:
    """The first keeps the colour of its kind."""
    rows = [{"gdm": f"g{i}", "gdm_kind": "gearnet"} for i in range(9)]
    colours = gdm_colours(rows)
    assert colours["g0"] == KINDS["gearnet"]
    assert len(set(colours.values())) >= 7
