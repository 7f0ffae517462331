"""RQ5: whether a deeper head helps."""

from ...config.study import Alignment, Variant
from ..question import Question


def _depths(variant: Variant, roles: frozenset[str], alignment: Alignment) -> bool:
    return variant in {Variant(layers=n) for n in (1, *alignment.layers)} and roles == {"main"}


QUESTION = Question(label="RQ5 depth", place=50, pairs=_depths, figures=("depth",))
