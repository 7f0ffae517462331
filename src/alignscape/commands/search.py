"""A finished study's proteins, found by a text or by a structure file."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ..errors import UserError
from .embed import embed_files
from .trained_pair import Rows, TrainedPair


@dataclass(frozen=True)
class Hit:
    """One protein found."""

    rank: int  # from 1
    id: str
    name: str  # of its first polypeptide; "" where the structure file does not state it
    organism: str
    cosine: float


def search(trained: TrainedPair, *, text: str | None, structure: Path | None, top: int) -> list[Hit]:
    """The study's proteins nearest to a text (by structure) or to a structure file (by text), best first."""
    if (text is None) == (structure is None):
        raise UserError("search for a text or for a structure file: give one of them, --text or --structure")
    if structure is None:
        query, side = trained.embed_texts([str(text)]), "structure"
    else:
        query, side = _structure_query(trained, structure), "text"
    ids, rows = trained.study_rows(side)
    cosines, names = rows @ query[0], trained.study_names()
    best = np.argsort(-cosines, kind="stable")[:top]
    return [Hit(rank, ids[i], *names[ids[i]], float(cosines[i])) for rank, i in enumerate(best, start=1)]


def _structure_query(trained: TrainedPair, path: Path) -> Rows:
    embedded = embed_files(trained, [path])
    if embedded.problems:
        raise UserError(embedded.problems[0])
    return embedded.rows


def json_lines(hits: Iterable[Hit]) -> str:
    """One JSON object a line, with the fields of `Hit`."""
    return "".join(json.dumps(asdict(hit), ensure_ascii=False) + "\n" for hit in hits)


def tab_separated(hits: Iterable[Hit]) -> str:
    """One line per hit, without a header line: id, cosine, name, organism."""
    return "".join(f"{hit.id}\t{hit.cosine:.4f}\t{_one_line(hit.name)}\t{_one_line(hit.organism)}\n" for hit in hits)


def print_table(hits: Sequence[Hit]) -> None:
    """The hits for a person at a terminal."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, padding=0)
    for column in ("rank", "id", "cosine", "name", "organism"):
        table.add_column(column, justify="right" if column in ("rank", "cosine") else "left")
    for hit in hits:
        cells = (str(hit.rank), hit.id, f"{hit.cosine:.4f}", _one_line(hit.name), _one_line(hit.organism))
        table.add_row(*map(Text, cells))  # as plain text: names are from files, and may hold what rich takes for markup
    Console().print(table)


def _one_line(text: str) -> str:
    """Without tabs, line ends and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
