"""How near the tested proteins are to those that heads were trained on."""

from ..question import Question

QUESTION = Question(label="leakage", place=70, figures=("leakage", "leakage_scores"))
