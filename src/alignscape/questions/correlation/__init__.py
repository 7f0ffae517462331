"""RQ2: whether pairs agree about the proteins."""

from ..question import Question

QUESTION = Question(label="RQ2 agreement", place=20, figures=("correlation",))
