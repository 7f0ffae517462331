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
ENCODERS = (*KINDS.values(), *SPARE, *MODELS)
LIGHT = {
    "paper": "#fcfcfa", "raised": "#ffffff", "ink": "#1d2730", "muted": "#586671", "faint": "#dfe3e4", "soft": "#f0f2f1",
    "accent": "#0b5c86", "accent-soft": "#e6f0f5", "bar": "#7992a3", "chance": "#d3d9dc",
    "good": "#1b6a3a", "good-soft": "#d9ecdf", "bad": "#9a3412", "bad-soft": "#fbe3d6", "open": "#586671", "part": "#7a5200",
}  # fmt: skip
DARK = {
    "paper": "#14191d", "raised": "#1b2227", "ink": "#e3e8ea", "muted": "#9fadb6", "faint": "#2e383f", "soft": "#20282e",
    "accent": "#7cc0e4", "accent-soft": "#1a303c", "bar": "#648799", "chance": "#36424a",
    "good": "#86d3a2", "good-soft": "#1d3b29", "bad": "#f0a383", "bad-soft": "#472718", "open": "#9fadb6", "part": "#e3b866",
}  # fmt: skip
PAPER = LIGHT | {"paper": "#ffffff", "raised": "#ffffff", "ink": "#000000", "muted": "#444444", "faint": "#cccccc"}
SHAPES = 6  # of the dots before names, in the style sheet
BLUE, WHITE, ORANGE = (33, 102, 172), (247, 247, 244), (179, 88, 6)


def on_page(colour: str) -> str:
    """A colour, or its name's variable of the style sheet."""
    return f"var(--{colour})" if colour in PRINTED else f"var(--c-{colour[1:]})" if colour in ENCODERS else colour


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
    return "#000" if _luminance(diverging(value)) > 0.179 else "#fff"  # where both have the same contrast (WCAG 2)


def shape_of(colour: str) -> int:
    """The number of the dot's shape that goes with an encoder's colour: no two of the kinds share one."""
    return ENCODERS.index(colour) % SHAPES if colour in ENCODERS else 0


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours (WCAG 2), 1 to 21."""
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


def legible(colour: str, ground: str, least: float) -> str:
    """The colour, made lighter or darker in small steps until its contrast with the ground is at least so much."""
    end = "#ffffff" if _luminance(ground) < 0.179 else "#000000"
    steps = (_mixed(colour, end, step / 50) for step in range(51))
    return next(found for found in steps if contrast(found, ground) >= least)


def _mixed(a: str, b: str, share: float) -> str:
    parts = [(int(a[i : i + 2], 16), int(b[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in parts)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
