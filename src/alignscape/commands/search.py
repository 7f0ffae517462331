"""A finished study's proteins, found by a text or by a structure file."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from .embed import embed_files
from .measured_pairs import row_of, what_it_finds
from .trained_pair import Rows, TrainedPair

_MOST_COMPARED = 2000  # proteins whose texts and structures are compared for percentiles


@dataclass(frozen=True)
class Hit:
    """One protein found."""

    rank: int  # from 1
    id: str
    name: str  # of its first polypeptide; "" where the structure file does not state it
    organism: str
    cosine: float
    percentile: float  # of all structures and texts of different proteins of the study, how many are less alike


def search(trained: TrainedPair, *, text: str | None, structure: Path | None, top: int) -> list[Hit]:
    """The study's proteins nearest to a text (by structure) or to a structure file (by text), best first."""
    if (text is None) == (structure is None):
        raise UserError("search for a text or for a structure file: give one of them, --text or --structure")
    if structure is None:
        query, side = trained.embed_texts([str(text)]), "structure"
    else:
        query, side = _structure_query(trained, structure), "text"
    rows = {each: trained.study_rows(each) for each in ("structure", "text")}
    ids, own = rows[side]
    cosines, names = own @ query[0], trained.study_names()
    best = np.argsort(-cosines, kind="stable")[:top]
    percentiles = percentiles_of(cosines[best], strangers(rows["structure"], rows["text"]))
    return [
        Hit(rank, ids[i], *names[ids[i]], float(cosines[i]), float(percentile))
        for rank, (i, percentile) in enumerate(zip(best, percentiles, strict=True), start=1)
    ]


def about(trained: TrainedPair, *, text_asked: bool) -> str:
    """Which pair was asked, and how often it finds the right protein."""
    pair = trained.pair
    row = row_of(trained.folder / trained.plan.folder, pair.structure, pair.text, pair.label)
    found = (
        what_it_finds(row, text_asked=text_asked) if row else "the study is not finished, so what it finds is not known"
    )
    return f"{pair.structure} × {pair.text}: {found}"


def strangers(structure: tuple[list[str], Rows], text: tuple[list[str], Rows]) -> NDArray[np.float32]:
    """Cosines of structures and texts of different proteins, sorted; of evenly chosen ones where there are many."""
    (first_ids, first), (second_ids, second) = _some(*structure), _some(*text)
    others = np.asarray(first_ids)[:, None] != np.asarray(second_ids)[None, :]
    return np.sort((first @ second.T)[others])


def _some(ids: list[str], rows: Rows) -> tuple[list[str], Rows]:
    step = -(-len(ids) // _MOST_COMPARED) or 1
    return ids[::step], rows[::step]


def percentiles_of(cosines: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float64]:
    """How many of `others`, sorted, are below each cosine, in percent."""
    return 100 * np.searchsorted(others, cosines) / max(1, len(others))


def _structure_query(trained: TrainedPair, path: Path) -> Rows:
    embedded = embed_files(trained, [path])
    if embedded.problems:
        raise UserError(embedded.problems[0])
    return embedded.rows


def json_lines(hits: Iterable[Hit]) -> str:
    """One JSON object a line, with the fields of `Hit`."""
    return "".join(json.dumps(asdict(hit), ensure_ascii=False) + "\n" for hit in hits)


def tab_separated(hits: Iterable[Hit]) -> str:
    """One line per hit, without a header line: rank, id, name, organism, cosine, percentile."""
    return "".join("\t".join(_cells(hit)) + "\n" for hit in hits)


def print_table(hits: Sequence[Hit]) -> None:
    """The hits for a person at a terminal."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, padding=0)
    for column in ("rank", "id", "name", "organism", "cosine", "percentile"):
        table.add_column(column, justify="right" if column in ("rank", "cosine", "percentile") else "left")
    for hit in hits:
        table.add_row(*map(Text, _cells(hit)))  # as plain text: names may hold what rich takes for markup
    Console().print(table)


def _cells(hit: Hit) -> tuple[str, ...]:
    names = (_one_line(hit.name), _one_line(hit.organism))
    return str(hit.rank), hit.id, *names, f"{hit.cosine:.4f}", f"{hit.percentile:.1f}"


def _one_line(text: str) -> str:
    """Without tabs, line ends and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
