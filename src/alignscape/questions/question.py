"""What the workflow knows of a research question before anything runs."""

from collections.abc import Callable
from dataclasses import dataclass

from ..config.study import Alignment, Variant

# Whether a question reads a trained pair: the settings of its heads, the roles of its two encoders, and the study's choices.
PairChoice = Callable[[Variant, frozenset[str], Alignment], bool]


def main_pairs(variant: Variant, roles: frozenset[str], alignment: Alignment) -> bool:
    """The pairs of Table 1: main encoders on both sides, heads of one layer."""
    return variant == Variant() and roles == {"main"}


@dataclass(frozen=True)
class Question:
    """One research question. Its folder holds `analysis.py`, and where it is shown `section.py`, `figures.py` and captions."""

    label: str  # in lists of what was asked
    place: int  # of its section on the page, counted from the top
    pairs: PairChoice = main_pairs
    figures: tuple[
        str, ...
    ] = ()  # its figures, each a function of that name in `figures.py`; captions: caption.rst, <figure>.rst for a second
    packages: tuple[
        str, ...
    ] = ()  # modules that its analysis uses where they are installed: having one gives another result
