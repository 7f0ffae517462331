"""How well measures without training predict the trained score."""

from ...config.study import Alignment, Variant
from ..question import Question


def _all_encoders(variant: Variant, roles: frozenset[str], alignment: Alignment) -> bool:
    return variant == Variant() and roles <= {"main", "baseline", "ladder"}


QUESTION = Question(label="screening", place=80, pairs=_all_encoders, figures=("screening",), packages=("ot",))
