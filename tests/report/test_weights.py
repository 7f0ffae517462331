"""What the protein page says of whether an encoder has seen the protein."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from alignscape.report.results import StudyResults
from alignscape.report.weights import never_trained


def of_states(**gdms: str) -> StudyResults:
    """A study's results, as far as they are asked: its pairs with the weights' states."""
    common = {"gdm_role": "main", "llm_role": "main", "llm": "words", "llm_weights": "none"}
    rows: list[dict[str, Any]] = [{"gdm": name, "gdm_weights": state, **common} for name, state in gdms.items()]
    return cast(StudyResults, SimpleNamespace(rows=lambda question: rows))


@pytest.mark.parametrize(
    ("state", "said", "not_said"),
    [
        ("shipped", "with relatives held out, no relative of it is tested", "not known"),
        ("pretrained", "What one has seen before is not known", "relative"),
        ("given", "What one has seen before is not known", "relative"),
        ("trained here", "nor did one, trained here on other proteins", "not known"),
        ("random", "The heads that scored it never saw it.", "one"),
    ],
)
def test_each_state_of_weights_is_said_as_far_as_it_is_known(state: str, said: str, not_said: str) -> None:
    found = never_trained(of_states(one=state))
    assert said in found
    assert not_said not in found


def test_several_states_stand_beside_each_other() -> None:
    found = never_trained(of_states(a="shipped", b="shipped", c="package"))
    assert "What a and b learned from ships with alignscape" in found
    assert "What c has seen before is not known" in found
