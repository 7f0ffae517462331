"""RQ3: whether a protein's length matters."""

from ..question import Question

QUESTION = Question(
    label="RQ3 length",
    place=30,
    figures=(
        "length",
        "length_slopes",
    ),
)
