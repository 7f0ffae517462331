"""A source of whole entries as a source of the proteins that a study names: entries, or chains of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ...storage.ledger import Omission
from ..ids import chains_of, entry_of, id_of_chains
from .source import Located, Source


def by_entry(ids: Iterable[str], *, each_chain: bool) -> dict[str, list[str]]:
    """Entries with those ids of theirs that a study names.

    each_chain: whether every chain becomes a protein of its own; then an entry has one id, with all chains that are named,
    or with none where the whole entry is named too.
    """
    found: dict[str, list[str]] = {}
    for id_ in sorted(ids):
        found.setdefault(entry_of(id_), []).append(id_)
    if not each_chain:
        return found
    return {
        entry: [entry if entry in named else id_of_chains(entry, (c for id_ in named for c in chains_of(id_)))]
        for entry, named in found.items()
    }


class ChosenChains:
    """A source of which some entries are wanted by chains: their files are the entries', their ids name the chains."""

    def __init__(self, entries: Source, named: Mapping[str, Sequence[str]]) -> None:
        """named: by entry the ids that are wanted of it; an entry that is not in it is wanted whole."""
        self._entries, self._named = entries, named

    def ids(self) -> list[str]:
        """The wanted ids of the entries."""
        return sorted(id_ for entry in self._entries.ids() for id_ in self._named.get(entry, [entry]))

    def local_paths(self) -> dict[str, Path]:
        """The entries' files by the ids that are wanted of them."""
        return self._by_id(self._entries.local_paths())

    def local_fasta(self) -> dict[str, Path]:
        """As `local_paths`."""
        return self._by_id(self._entries.local_fasta())

    def _by_id(self, paths: Mapping[str, Path]) -> dict[str, Path]:
        return {id_: paths[entry_of(id_)] for id_ in self.ids() if entry_of(id_) in paths}

    def not_read(self) -> list[Omission]:
        """The entries' lines."""
        return self._entries.not_read()

    def fetch(self, ids: Sequence[str]) -> dict[str, Located | Omission]:
        """For each id its entry's files, or why there are none."""
        found = self._entries.fetch(sorted({entry_of(id_) for id_ in ids}))
        return {id_: _of(found[entry_of(id_)], id_) for id_ in ids if entry_of(id_) in found}


def _of(found: Located | Omission, id_: str) -> Located | Omission:
    return replace(found, id=id_) if isinstance(found, Omission) else found
