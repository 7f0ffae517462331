"""Made studies, whose every effect is known."""

from collections.abc import Callable

import pytest

from alignscape.proteins.facts import ProteinFacts
from alignscape.questions.evidence.evidence import Evidence
from tests.helpers.made_evidence import Made, make_facts, make_study


@pytest.fixture(scope="session")
def made() -> type[Made]:
    """What a made pair's scores are drawn from."""
    return Made


@pytest.fixture(scope="session")
def study() -> Callable[..., Evidence]:
    """Builds the evidence of a made study."""
    return make_study


@pytest.fixture(scope="session")
def protein() -> Callable[..., ProteinFacts]:
    """Builds the facts of a made protein."""
    return make_facts
