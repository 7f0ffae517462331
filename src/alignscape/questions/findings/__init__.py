"""Which findings of the paper hold in this study."""

from ...config.study import Alignment, Variant
from ..question import Question


def _every(variant: Variant, roles: frozenset[str], alignment: Alignment) -> bool:
    return True


QUESTION = Question(label="findings", place=100, pairs=_every)
