"""RQ3: the score of every tested protein."""

from ..question import Question

QUESTION = Question(label="matches protein by protein", place=33)
