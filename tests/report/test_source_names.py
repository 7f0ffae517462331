"""The page has a name for every source of structure files."""

from typing import get_args

from alignscape.config.proteins import Proteins
from alignscape.report.sections.study import SOURCES


def test_every_source_of_the_config_has_a_name() -> None:
    assert set(SOURCES) == set(get_args(Proteins.model_fields["source"].annotation))
