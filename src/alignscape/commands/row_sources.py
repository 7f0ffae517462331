"""Where the rows lie that `screen` compares: those of a study's encoders, and files of rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..config.block import unknown_name
from ..encoders.row_file import RowTable, read_rows
from ..errors import UserError
from ..storage.embeddings import read_ids, read_rows_of
from ..storage.plain_text import from_cell

if TYPE_CHECKING:
    from .locate import Place

Side = Literal["structure", "text"]
_AT_ONCE = 50_000_000  # numbers of a table that are looked at at once


@dataclass(frozen=True)
class RowSource:
    """An encoder's rows: the ids that have one that can be used, and how those of some ids are read, (n, d) float64."""

    side: Side
    ids: Sequence[str]
    read: Callable[[Sequence[str]], NDArray[np.float64]]


@dataclass
class Sources:
    """Encoders by name, the sequence clusters where they are known, and a line for what is not at hand."""

    found: dict[str, RowSource] = field(default_factory=dict)
    clusters: Mapping[str, int] | None = None
    missing: list[str] = field(default_factory=list)

    def add_study(self, place: "Place", chosen: Sequence[str]) -> None:
        """The rows that a study has of the chosen encoders, of all if none is. Raises UserError for a name it does not have."""
        from ..alignment.clusters import load_clusters

        plan = place.plan()
        names = [*plan.structure_blocks, *plan.text_blocks]
        for name in chosen:
            if name not in names:
                raise UserError(unknown_name("--encoders", name, names))
        for name in chosen or names:
            side: Side = "structure" if name in plan.structure_blocks else "text"
            path = place.folder / plan.gathered(name)
            if path.is_file() and path.with_suffix(".json").is_file():
                self.found[name] = RowSource(side, read_ids(path), partial(read_rows_of, path))
            else:
                self.missing.append(
                    f"{name}: the study has no rows of it yet; `--until gather cluster` of a run makes them"
                )
        clusters = place.folder / plan.clusters()
        if clusters.is_file():
            self.clusters = load_clusters(clusters)

    def add_files(self, side: Side, paths: Iterable[Path]) -> None:
        """Tables of rows, each called by its file's name. Raises UserError, one line, for what is no such table."""
        for path in paths:
            name = path.stem if path.stem not in self.found else str(path)
            table = read_rows(path)
            usable = _finite(table)
            self.missing += [f"{id_}: {why}" for id_, why in table.lost.items()]
            if lost := len(table.ids) - len(usable):
                self.missing.append(f"{path}: {lost} of its {len(table.ids)} rows are not finite, and are left out")
            self.found[name] = RowSource(side, usable, partial(_rows_of, table))

    def names(self, side: Side) -> list[str]:
        """The encoders of one side. Raises UserError where there is none."""
        names = [name for name, source in self.found.items() if source.side == side]
        if not names:
            why = f": {self.missing[0]}" if self.missing else f"; name the study's config, or files with --{side}"
            raise UserError(f"there are no rows of a {side} encoder to compare{why}")
        return names


def read_clusters(path: Path) -> dict[str, int]:
    """The number of each protein's cluster, from lines of an id and its cluster's name, tab separated.

    Raises UserError for a file that is none. A study's own clusters.tsv is such a file.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    found: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        cells = line.split("\t")
        if len(cells) != 2:
            raise UserError(
                f"{path}:{number}: {len(cells)} columns; expected an id, a tab, and the name of its cluster"
            )
        found[from_cell(cells[0])] = numbers.setdefault(cells[1], len(numbers))
    return found


def _finite(table: RowTable) -> list[str]:
    """The ids whose rows are finite; a table on the disk is read in parts."""
    size = max(1, _AT_ONCE // table.dimension)
    parts = [np.isfinite(table.rows[start : start + size]).all(axis=1) for start in range(0, len(table.ids), size)]
    return [id_ for id_, good in zip(table.ids, np.concatenate(parts).tolist(), strict=True) if good]


def _rows_of(table: RowTable, ids: Sequence[str]) -> NDArray[np.float64]:
    place = {id_: row for row, id_ in enumerate(table.ids)}
    return np.asarray(table.rows[[place[id_] for id_ in ids]], dtype=np.float64)
