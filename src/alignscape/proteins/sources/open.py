"""Which source a config names, and which ids it lists. Nothing heavy is imported here."""

from collections.abc import Callable
from pathlib import Path

from ...config.door import import_part
from ...config.proteins import Proteins
from ..ids import chains_of, entry_of, id_of_chains
from .chosen import ChosenChains, by_entry
from .id_lists import read_ids
from .registry import implementation
from .source import Source


def open_source(config: Proteins, *, cache_dir: Path, seed: int = 42) -> Source:
    """The source that the config names. Raises UserError for a folder or id list that is not there."""
    if config.ids is None:
        return _open_entries(config, None, cache_dir=cache_dir, seed=seed)
    named = by_entry(_ids_of(config, read_ids(config.ids)), each_chain=config.unit == "chain")
    entries = _open_entries(config, sorted(named), cache_dir=cache_dir, seed=seed)
    return ChosenChains(entries, named) if any(ids != [entry] for entry, ids in named.items()) else entries


def _ids_of(config: Proteins, ids: list[str]) -> list[str]:
    """The ids as the source has them, chains kept."""
    own: Callable[[str], str] | None = getattr(import_part(implementation(config)), "id_of", None)
    return [id_of_chains(own(entry_of(id_)), chains_of(id_)) for id_ in ids] if own else ids


def _open_entries(config: Proteins, ids: list[str] | None, *, cache_dir: Path, seed: int) -> Source:
    source: Source = import_part(implementation(config)).open_entries(config, ids, cache_dir=cache_dir, seed=seed)
    return source
