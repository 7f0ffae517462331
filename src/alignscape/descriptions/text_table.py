"""A person's own texts, in a table: TSV, CSV, JSON lines or parquet, with a column of ids and one of texts."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import UserError

FORMATS = (".tsv", ".csv", ".jsonl", ".parquet")
_LONGEST = 16 << 20  # characters of a cell


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
    found = [row for row in found if row.id and row.text]
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
    from pyarrow.parquet import read_schema, read_table

    _require(path, wanted, read_schema(path).names)
    return read_table(path, columns=list(wanted)).to_pylist()


def _require(path: Path, wanted: tuple[str, str], there: Iterable[str]) -> None:
    if lacking := [name for name in wanted if name not in set(there)]:
        found = ", ".join(map(repr, list(there)[:12])) or "none"
        raise UserError(f"{path}: no column {lacking[0]!r}; its columns are {found}; rename one, or name yours")


def _names(wanted: Iterable[str]) -> str:
    return " and ".join(map(repr, wanted))
