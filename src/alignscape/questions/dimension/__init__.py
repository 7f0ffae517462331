"""RQ4: whether a larger GDM dimension helps."""

from ...config.study import Alignment, Variant
from ..question import Question


def _rungs(variant: Variant, roles: frozenset[str], alignment: Alignment) -> bool:
    return "ladder" in roles


QUESTION = Question(label="RQ4 dimension", place=40, pairs=_rungs, figures=("dimension",))
