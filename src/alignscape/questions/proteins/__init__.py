"""RQ3: the score of every tested protein."""

from ..question import Question

QUESTION = Question(label="scores protein by protein", place=33)
