"""What other ways of training the heads change."""

from ...config.study import Alignment, Variant
from ..question import Question


def _tried(variant: Variant, roles: frozenset[str], alignment: Alignment) -> bool:
    return roles <= {"main", "option"} and variant in {Variant(), *alignment.methods.values()}


QUESTION = Question(label="other methods", place=90, pairs=_tried, figures=("methods",))
