"""The demo's proteins and their descriptions, as work for both sides."""

from functools import cache
from pathlib import Path

from alignscape.descriptions.template import describe
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.structure import Structure

FOLDER = Path(__file__).parents[2] / "data/demo/structures"
# Single chains by crystallography without what the peers' own parsers read in another way.
IDS = ("1CRN", "1UBQ", "1HEL", "5PTI")


def files() -> list[Path]:
    """The structure files."""
    return [FOLDER / f"{id_.lower()}.pdb.gz" for id_ in IDS]


@cache
def structures() -> list[Structure]:
    """The same, parsed."""
    return [parse_structure(path, id=id_)[0] for path, id_ in zip(files(), IDS, strict=True)]


def descriptions(n: int) -> list[str]:
    """Template descriptions of so many proteins of the demo."""
    paths = sorted(FOLDER.iterdir())[:n]
    return [describe(parse_structure(path, id=path.name.partition(".")[0].upper())[1]) for path in paths]
