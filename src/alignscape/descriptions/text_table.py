"""A person's own texts, in a table: TSV, CSV, JSON lines or parquet, with a column of ids and one of texts."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import UserError
from ..storage.packed import require_credible

FORMATS = (".tsv", ".csv", ".jsonl", ".parquet")
_LONGEST = 16 << 20  # characters of a cell
_OF_A_ROW = 256  # bytes in memory, texts apart


Reader = Callable[[Path, tuple[str, str]], Sequence[Mapping[str, Any]]]


class TableText(NamedTuple):
    """One text of a table, and the id beside it."""

    id: str
    text: str


def read_text_table(path: Path, *, id_column: str = "id", text_column: str = "text") -> list[TableText]:
    """The texts of a table in its order, several of one id among them; rows without id or text are left out.

    Raises UserError, one line, for a file that cannot be read, another format, or columns that are not there.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UserError(
            f"{path}: cannot be read as a table of texts; expected {', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        )
    readers: dict[str, Reader] = {".tsv": _separated, ".csv": _separated, ".jsonl": _json_lines, ".parquet": _parquet}
    read = readers[suffix]
    try:
        rows = read(path, (id_column, text_column))
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}; expected a table of texts") from None
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        raise UserError(f"{path}: cannot be read as {suffix}: {said or type(error).__name__}") from None
    found = [TableText(_text(row.get(id_column)), _text(row.get(text_column))) for row in rows]
    once = {row.text: row.text for row in found}  # rows of one text share it
    found = [TableText(row.id, once[row.text]) for row in found if row.id and row.text]
    if not found:
        raise UserError(f"{path}: no row has both a {id_column!r} and a {text_column!r}")
    return found


def _text(value: Any) -> str:
    """As text that a file can hold: half a surrogate pair, which JSON can name, becomes a question mark."""
    return "" if value is None else str(value).strip().encode("utf-8", "replace").decode()


def _separated(path: Path, wanted: tuple[str, str]) -> Sequence[Mapping[str, Any]]:
    csv.field_size_limit(_LONGEST)
    with open(path, encoding="utf-8-sig", newline="") as handle:
        table = csv.DictReader(handle, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
        _require(path, wanted, table.fieldnames or ())
        return list(table)


def _json_lines(path: Path, wanted: tuple[str, str]) -> Sequence[Mapping[str, Any]]:
    rows = []
    with open(path, encoding="utf-8-sig") as handle:
        for number, line in enumerate(handle, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise UserError(f"{path}: line {number} is no JSON: {error.msg}") from None
            if not isinstance(row, dict):
                raise UserError(
                    f"{path}: line {number} is {type(row).__name__}; expected an object with {_names(wanted)}"
                )
            rows.append(row)
    if rows:
        _require(path, wanted, {key for row in rows for key in row})
    return rows


def _parquet(path: Path, wanted: tuple[str, str]) -> Sequence[Mapping[str, Any]]:
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path, read_dictionary=list(wanted)) as file:  # a text that many rows have is held once
        _require(path, wanted, file.schema_arrow.names)
        require_credible(path, _OF_A_ROW * file.metadata.num_rows)
        table = file.read(columns=list(wanted))
    return [
        dict(zip(wanted, row, strict=True))
        for row in zip(*(_values(table.column(name)) for name in wanted), strict=True)
    ]


def _values(column: Any) -> list[Any]:
    """The values of a column in parts; equal ones of a list of values are one object."""
    found: list[Any] = []
    for part in column.chunks:
        if hasattr(part, "dictionary"):
            distinct = part.dictionary.to_pylist()
            found += [None if index is None else distinct[index] for index in part.indices.to_pylist()]
        else:
            found += part.to_pylist()
    return found


def _require(path: Path, wanted: tuple[str, str], there: Iterable[str]) -> None:
    if lacking := [name for name in wanted if name not in set(there)]:
        found = ", ".join(map(repr, list(there)[:12])) or "none"
        raise UserError(f"{path}: no column {lacking[0]!r}; its columns are {found}; rename one, or name yours")


def _names(wanted: Iterable[str]) -> str:
    return " and ".join(map(repr, wanted))
