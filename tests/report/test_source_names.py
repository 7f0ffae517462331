"""The page has a name for every source of structure files."""

from alignscape.config.proteins import SourceBlock
from alignscape.proteins.sources.registry import blocks


def test_every_source_has_a_name_of_its_own() -> None:
    titles = [kind.title for kind in blocks(plugins=False).values()]
    assert len({*titles, SourceBlock.title}) == len(titles) + 1
