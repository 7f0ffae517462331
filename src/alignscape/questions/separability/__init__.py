"""RQ1: which pairs can be told apart."""

from ...config.study import Alignment, Variant
from ..question import Question


def _with_baselines(variant: Variant, roles: frozenset[str], alignment: Alignment) -> bool:
    return variant == Variant() and roles <= {"main", "baseline"}


QUESTION = Question(
    label="comparisons of pairs", place=15, pairs=_with_baselines, figures=("separability", "comparisons")
)
