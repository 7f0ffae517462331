"""Which source a config names, and which ids it lists. Nothing heavy is imported here."""

import re
from collections.abc import Iterable
from pathlib import Path

from ...config.proteins import Proteins
from ...errors import UserError
from ...storage.plain_text import unseen
from ...storage.shipped import shipped_folder
from .directory import DirectorySource
from .entry_ids import entry_id
from .source import Source


def open_source(config: Proteins, *, cache_dir: Path, seed: int = 42) -> Source:
    """The source that the config names. Raises UserError for a folder or id list that is not there."""
    ids = None if config.ids is None else read_ids(config.ids)
    if config.source == "embedded":
        return DirectorySource(demo_folder() / "structures", ids=ids, name="the embedded data set", cache_dir=cache_dir)
    if config.source == "directory":
        assert config.directory is not None
        return DirectorySource(
            config.directory, ids=ids, name=str(config.directory), cache_dir=cache_dir, recursive=config.recursive
        )
    if config.source == "alphafold_db":
        from .alphafold_db import AlphaFoldArchive

        assert ids is not None
        return AlphaFoldArchive(config.alphafold_db, ids=ids, sample=config.sample, cache_dir=cache_dir, seed=seed)
    from .rcsb import RcsbArchive

    return RcsbArchive(config.rcsb, ids=ids, sample=config.sample, cache_dir=cache_dir, seed=seed)


def read_ids(given: Path | Iterable[str]) -> list[str]:
    """Ids in upper case, sorted, each once, the archive's two forms as one; of a list, or of a text file with one a line and # before remarks."""
    if isinstance(given, Path):
        try:
            lines = given.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise UserError(f"proteins.ids: {given}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise UserError(f"proteins.ids: {given}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
        given = [token for line in lines for token in re.split(r"[\s,;]+", line.partition("#")[0])]
    ids = sorted({entry_id(str(token).strip()) for token in given} - {""})
    for id_ in ids:
        if unseen(id_):
            raise UserError(
                f"proteins.ids: {id_!r} holds characters that no table can show; expected letters and digits"
            )
    return ids


def demo_folder() -> Path:
    """The embedded data set: data/demo of the working directory, or else the one that comes with this package."""
    for root in (Path.cwd(), shipped_folder()):
        if (root / "data" / "demo" / "structures").is_dir():
            return root / "data" / "demo"
    raise UserError("source: embedded: data/demo was not found; run from the repository, or name a `directory`")
