"""RQ1: how well every pair of encoders is aligned."""

from ...config.study import Alignment, Variant
from ..question import Question


def _one_layer(variant: Variant, roles: frozenset[str], alignment: Alignment) -> bool:
    return variant == Variant()


QUESTION = Question(label="RQ1 pairs", place=10, pairs=_one_layer, figures=("pairs", "pairs_parts"))
