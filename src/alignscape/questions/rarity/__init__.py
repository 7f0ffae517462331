"""RQ3: whether well-known proteins align better."""

from ...config.study import Alignment, Variant
from ..question import Question


def _pairs(variant: Variant, roles: frozenset[str], alignment: Alignment) -> bool:
    return roles == {"main"} and variant in (Variant(), Variant(sampling="by_cluster"))


QUESTION = Question(label="RQ3 rarity", place=31, pairs=_pairs, figures=("rarity",))
