"""The data set that ships with alignscape as a source."""

from pathlib import Path

from ...config.proteins import Proteins, SourceBlock
from ...errors import UserError
from ...storage.shipped import shipped_folder
from .directory import DirectorySource


class Embedded(SourceBlock):
    """The data set that ships with alignscape."""

    title = "the data set that ships with alignscape"


BLOCK = Embedded


def open_entries(proteins: Proteins, ids: list[str] | None, *, cache_dir: Path, seed: int) -> DirectorySource:
    """The folder of the embedded data set."""
    return DirectorySource(demo_folder() / "structures", ids=ids, name="the embedded data set", cache_dir=cache_dir)


def demo_folder() -> Path:
    """The embedded data set: data/demo of the working directory, or else the one that comes with this package."""
    for root in (Path.cwd(), shipped_folder()):
        if (root / "data" / "demo" / "structures").is_dir():
            return root / "data" / "demo"
    raise UserError("source: embedded: data/demo was not found; run from the repository, or name a `directory`")
