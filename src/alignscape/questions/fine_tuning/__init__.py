"""RQ6: whether a fine-tuned language model helps."""

from ...config.study import Alignment, Variant
from ..question import Question


def _tuned(variant: Variant, roles: frozenset[str], alignment: Alignment) -> bool:
    return variant == Variant() and roles <= {"main", "fine_tuned"}


QUESTION = Question(label="RQ6 fine-tuning", place=60, pairs=_tuned, figures=("fine_tuning",))
