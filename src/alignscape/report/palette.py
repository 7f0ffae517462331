"""One colour per encoder, the same in every figure; told apart with any kind of colour vision (after Okabe and Ito)."""

from collections.abc import Mapping, Sequence
from typing import Any

# Colours by what they are for: on the page variables of the style sheet, which change in the dark; in print these.
INK, MUTED, BAR = "ink", "muted", "bar"
GOOD, BAD, OPEN = "good-soft", "bad-soft", "soft"
PRINTED = {"ink": "#1d2730", "muted": "#586671", "faint": "#dfe3e4", "bar": "#7d9cae", "paper": "#ffffff"}
PRINTED |= {"good-soft": "#d9ecdf", "bad-soft": "#fbe3d6", "soft": "#f0f2f1"}

KINDS = {
    "gearnet": "#0072b2",
    "scannet": "#d55e00",
    "gvp": "#009e73",
    "gat": "#aa4499",
    "proteinmpnn": "#b8860b",
    "composition": "#737d86",
}
SPARE = ("#56b4e9", "#882255", "#999933", "#332288", "#cc6677", "#44aa99")
MODELS = ("#1d6996", "#cc503e", "#38853c", "#94346e", "#a5761d", "#5f4690", "#0f8554", "#6f4070")
BLUE, WHITE, ORANGE = (33, 102, 172), (247, 247, 244), (179, 88, 6)


def on_page(colour: str) -> str:
    """A colour, or its name's variable of the style sheet."""
    return f"var(--{colour})" if colour in PRINTED else colour


def in_print(colour: str) -> str:
    """A colour, or what its name is on white paper."""
    return PRINTED.get(colour, colour)


def gdm_colours(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """GDM -> colour, from rows with `gdm` and `gdm_kind`: the kind's own, and a spare one for a second of its kind."""
    colours: dict[str, str] = {}
    spare = iter(SPARE * (1 + len(rows) // len(SPARE)))
    for gdm, kind in dict.fromkeys((row["gdm"], row.get("gdm_kind")) for row in rows):
        own = KINDS.get(str(kind))
        colours[gdm] = own if own and own not in colours.values() else next(spare)
    return colours


def model_colours(names: Sequence[str]) -> dict[str, str]:
    """LLM -> colour, for figures whose lines are LLMs."""
    return {name: MODELS[i % len(MODELS)] for i, name in enumerate(dict.fromkeys(names))}


def diverging(value: float) -> str:
    """The colour of a value in [-1, 1]: orange below 0, blue above."""
    value = max(-1.0, min(1.0, value))
    end = BLUE if value >= 0 else ORANGE
    mixed = (round(w + (e - w) * abs(value)) for w, e in zip(WHITE, end, strict=True))
    return "#" + "".join(f"{c:02x}" for c in mixed)


def ink_on(value: float) -> str:
    """Black or white, whichever is the more legible on `diverging(value)`."""
    colour = diverging(value)
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    luminance = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "#000" if luminance > 0.179 else "#fff"  # where both have the same contrast (WCAG 2)
