"""RQ1: which pairs can be told apart."""

from ..question import Question

QUESTION = Question(label="comparisons of pairs", place=15, figures=("separability",))
