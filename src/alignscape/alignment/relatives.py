"""Proteins of a study that are related to proteins from which something was learned before it: weights and texts that ship."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..proteins.ids import entry_of
from ..storage.files import write_text
from ..storage.plain_text import from_cell, to_cell
from .homology import find_hits


@dataclass(frozen=True)
class Relative:
    """A protein that was learned from, related to one of the study's."""

    seen: str
    identity: float  # of the sequences, in [0, 1]; 1 for the same entry

    def is_of(self, id_: str) -> bool:
        """Whether it is that protein's own entry."""
        return entry_of(id_).upper() == entry_of(self.seen).upper()


def find_relatives(
    sequences: Mapping[str, Sequence[str]],
    seen: Mapping[str, Sequence[str]],
    *,
    identity: float,
    coverage: float,
    threads: int = 1,
) -> dict[str, Relative]:
    """For each protein of the study that has one its nearest relative among `seen`, which is its own entry if that is there.

    sequences, seen: by id, the sequences of the polypeptides. Two are related if they are alike to at least `identity`
    over at least `coverage` of the shorter one, as two of one cluster are.
    """
    found = {id_: Relative(of, value) for id_, of, value, covered in _hits(sequences, seen, threads)
             if value >= identity and covered >= coverage}  # fmt: skip
    entries = {entry_of(id_).upper(): id_ for id_ in seen}
    own = {id_: entries[key] for id_ in sequences if (key := entry_of(id_).upper()) in entries}
    return dict(sorted((found | {id_: Relative(of, 1.0) for id_, of in own.items()}).items()))


def _hits(
    sequences: Mapping[str, Sequence[str]], seen: Mapping[str, Sequence[str]], threads: int
) -> list[tuple[str, str, float, float]]:
    """Hits from the lowest identity to the highest, so that the last of a protein is the nearest."""
    return sorted(find_hits(sequences, seen, threads=threads), key=lambda hit: (hit[2], hit[1]))


def save_relatives(path: Path, relatives: Mapping[str, Relative]) -> None:
    """A tab-separated file: id, its relative, their identity."""
    rows = (f"{to_cell(id_)}\t{to_cell(one.seen)}\t{one.identity:.4f}\n" for id_, one in sorted(relatives.items()))
    write_text(path, "id\trelative\tidentity\n" + "".join(rows))


def load_relatives(path: Path) -> dict[str, Relative]:
    """What `save_relatives` wrote."""
    with open(path, encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {from_cell(row["id"]): Relative(from_cell(row["relative"]), float(row["identity"])) for row in rows}
