"""RQ3: whether one or several chains matter."""

from ..question import Question

QUESTION = Question(label="RQ3 chains", place=32, figures=("chains",))
