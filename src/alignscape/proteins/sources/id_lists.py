"""Ids as people list them, each possibly with chains: in the config, in a text file, in a column of a table."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...errors import UserError
from ...storage.files import read_given
from ...storage.plain_text import unseen
from ..ids import chains_of, entry_of, id_of_chains
from .entry_ids import entry_id, is_entry_id

ID_COLUMNS = ("id", "ids", "pdb", "pdb_id", "entry", "accession", "uniprot", "uniprot_id", "protein")
CHAIN_COLUMNS = ("chain", "chains", "chain_id", "auth_asym_id")


def normal_id(text: str) -> str:
    """The one id that a person's way of writing it means: 4hhb:B,A and pdb_00004hhb:A,B are 4HHB:A,B.

    Entries are in upper case, chains as they are written, since chains A and a are two. Raises UserError for what is no id.
    """
    text = text.strip()
    if unseen(text):
        raise UserError(f"{text!r} holds characters that no table can show; expected letters and digits")
    entry, chains = entry_id(entry_of(text).strip()), chains_of(text)
    if ":" in text and not (entry and chains):
        raise UserError(f"{text!r} lacks what stands before or after its colon; expected 4HHB:A or 4HHB:A,B")
    second = next(
        (chain for chain in text.partition(":")[2].split(",")[1:] if ":" in chain or is_entry_id(chain)), None
    )
    if second is not None:
        raise UserError(
            f"{text!r}: a comma after a colon joins chains, and {second!r} looks like an id: give each a line"
        )
    return id_of_chains(entry, chains)


def read_ids(given: Path | Iterable[str], *, key: str = "proteins.ids") -> list[str]:
    """Normal ids, sorted, each once: of a list, of a text file with one a line and # before remarks, or of a table's column.

    key: of the config, for messages. Raises UserError for a file that cannot be read, and for what is no id.
    """
    words = _words_of(given, key) if isinstance(given, Path) else [str(word) for word in given]
    try:
        return sorted({normal_id(word) for word in words if word.strip()})
    except UserError as error:
        raise UserError(f"{key}: {f'{given}: ' if isinstance(given, Path) else ''}{error}") from None


def _words_of(path: Path, key: str) -> list[str]:
    lines = read_given(path, key=key).splitlines()
    table = table_rows(lines)
    if table and is_id_table(table[0], path):
        return ids_of_table(table, where=f"{key}: {path}")
    return [word for line in lines for word in _words_of_line(line.partition("#")[0])]


def _words_of_line(line: str) -> list[str]:
    """The ids of a line. Commas part them but for those after a colon, which join chains: `1CRN,4HHB:A,B` are two."""
    words = []
    for token in re.split(r"[\s;]+", line):
        before, colon, chains = token.partition(":")
        *others, last = before.split(",")
        words += [*others, f"{last}{colon}{chains.rstrip(',')}"]
    return [word for word in words if word]


# --- tables -----------------------------------------------------------------------------------------------


def table_rows(lines: Sequence[str]) -> list[list[str]]:
    """The cells of a table without its remarks and empty lines; its first line says what parts cells: tab, semicolon or comma."""
    kept = [line for line in lines if line.strip() and not line.startswith("#")]
    delimiter = next((mark for mark in "\t;," if kept and mark in kept[0]), "\t")
    csv.field_size_limit(max([2**17, *map(len, kept)]))  # a list may be one long line
    return [[cell.strip() for cell in row] for row in csv.reader(kept, delimiter=delimiter)]


def is_id_table(head: Sequence[str], path: Path) -> bool:
    """Whether a file's first line is a table's: it names a column of ids, and one of chains or the file's ending says so too."""
    has_chains = _column(head, CHAIN_COLUMNS) is not None
    return _column(head, ID_COLUMNS) is not None and (has_chains or path.suffix.lower() in (".tsv", ".csv"))


def ids_of_table(rows: Sequence[Sequence[str]], *, where: str) -> list[str]:
    """The ids of a table's rows, with the chains of its column of chains where it has one; an empty cell is the whole entry.

    where: for messages. Raises UserError for a table without a column of ids, and for a row that names chains twice.
    """
    head = rows[0] if rows else []
    ids, chains = _column(head, ID_COLUMNS), _column(head, CHAIN_COLUMNS)
    if ids is None:
        expected = f"expected one called {', '.join(ID_COLUMNS[:6])} or the like"
        raise UserError(f"{where}: no column of ids: {expected}, found {', '.join(head) or 'nothing'}")
    found = []
    for row in rows[1:]:
        id_, named = (row[c] if c is not None and c < len(row) else "" for c in (ids, chains))
        if named and (":" in id_ or not id_):
            raise UserError(f"{where}: expected an entry's id beside the chain {named!r}, found {id_!r}")
        found.append(id_of_chains(id_, chains_of(f"{id_}:{named.replace(';', ',')}")) if named else id_)
    return list(dict.fromkeys(id_ for id_ in found if id_))


def _column(head: Sequence[str], names: Sequence[str]) -> int | None:
    """The place of the first of `names` that the head has."""
    found = [cell.strip().lower().replace(" ", "_") for cell in head]
    return next((found.index(name) for name in names if name in found), None)
