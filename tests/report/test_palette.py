"""Colours are told apart, and seen on both grounds."""

from itertools import combinations

import pytest

from alignscape.report.palette import DARK, ENCODERS, KINDS, LIGHT, PAPER, diverging, gdm_colours, ink_on, shape_of
from alignscape.report.theme import variables
from tests.helpers.contrast import channels, contrast

GROUNDS = ("#fcfcfa", "#14191d")


# Linear RGB as it is seen without the first, the second or the third kind of cone (Machado et al. 2009, severity 1).
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_marks_are_seen_on_both_grounds(kind: str, ground: str) -> None:
    """Graphics need a contrast of 3."""
    assert contrast(KINDS[kind], ground) >= 3


THEMES = {"light": LIGHT, "dark": DARK, "paper": PAPER}
TEXT = {
    "ink": "paper",
    "muted": "paper",
    "accent": "paper",
    "good": "good-soft",
    "bad": "bad-soft",
    "open": "soft",
    "part": "paper",
}


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_of_a_theme_is_seen(theme: str) -> None:
    """4.5 for text on its ground, 3 for the marks of all encoders and models, and for bars."""
    colours = variables(THEMES[theme])
    for text, ground in TEXT.items():
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for text in ("ink", "muted", "accent", "good", "bad", "part"):
        assert contrast(colours[text], colours["raised"]) >= 4.5, text
    for mark in ("bar", *(f"c-{colour[1:]}" for colour in ENCODERS)):
        assert contrast(colours[mark], colours["paper"]) >= 3, mark


def test_encoders_have_shapes_beside_their_colours() -> None:
    """No two of the known kinds share one."""
    assert len({shape_of(colour) for colour in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_encoders_differ_without_one_kind_of_cone(blindness: str, theme: str) -> None:
    """No two colours of encoders fall together."""
    shown = variables(THEMES[theme])
    seen = {
        k: [sum(w * c for w, c in zip(row, channels(shown[f"c-{v[1:]}"]), strict=True)) for row in BLINDNESS[blindness]]
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
