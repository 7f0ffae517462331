"""Which source a config names, and which ids it lists. Nothing heavy is imported here."""

from pathlib import Path

from ...config.proteins import Proteins
from ...errors import UserError
from ...storage.shipped import shipped_folder
from ..ids import chains_of, entry_of, id_of_chains
from .chosen import ChosenChains, by_entry
from .directory import DirectorySource
from .id_lists import read_ids
from .source import Source


def open_source(config: Proteins, *, cache_dir: Path, seed: int = 42) -> Source:
    """The source that the config names. Raises UserError for a folder or id list that is not there."""
    if config.ids is None:
        return _open_entries(config, None, cache_dir=cache_dir, seed=seed)
    named = by_entry(_ids_of(config.source, read_ids(config.ids)), each_chain=config.unit == "chain")
    entries = _open_entries(config, sorted(named), cache_dir=cache_dir, seed=seed)
    return ChosenChains(entries, named) if any(ids != [entry] for entry, ids in named.items()) else entries


def _ids_of(source: str, ids: list[str]) -> list[str]:
    """The ids as the source has them, chains kept."""
    if source != "alphafold_db":
        return ids
    from .alphafold_db import model_id

    return [id_of_chains(model_id(entry_of(id_)), chains_of(id_)) for id_ in ids]


def _open_entries(config: Proteins, ids: list[str] | None, *, cache_dir: Path, seed: int) -> Source:
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


def demo_folder() -> Path:
    """The embedded data set: data/demo of the working directory, or else the one that comes with this package."""
    for root in (Path.cwd(), shipped_folder()):
        if (root / "data" / "demo" / "structures").is_dir():
            return root / "data" / "demo"
    raise UserError("source: embedded: data/demo was not found; run from the repository, or name a `directory`")
