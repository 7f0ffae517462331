"""RQ3: whether well-known proteins align better."""

from ..question import Question

QUESTION = Question(label="RQ3 rarity", place=31, figures=("rarity",))
