"""Rows in a parquet file: a column of ids, and one column of lists or a column per number. Only these are read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..errors import UserError
from ..storage.packed import require_credible

_ID_COLUMNS = ("id", "ids", "__index_level_0__")  # the last is pandas' name for an index without one
_ROWS = ("rows", "embeddings")
_LONGEST_ID = 256  # bytes
_OF_A_NUMBER, _OF_AN_ID = 8, 64  # bytes in memory


def read_parquet_rows(path: Path) -> tuple[list[str], Any]:
    """Ids and rows (n, d). Raises UserError for columns that are no such table, and for one that unpacks to far too much."""
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        ids, columns = _columns(path, file.schema_arrow)
        require_credible(path, _size(file.metadata, ids, columns))
    with ParquetFile(path, read_dictionary=[ids]) as file:  # ids as numbers of a list that says each but once
        batches = file.iter_batches(columns=[ids, *columns])
        return _joined(path, batches, ids, columns, n=file.metadata.num_rows)


def _columns(path: Path, schema: Any) -> tuple[str, list[str]]:
    """The column of ids, and those of the rows. Raises UserError where they cannot be told."""
    import pyarrow as pa

    texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
    chosen = next((name for name in _ID_COLUMNS if name in texts), texts[0] if len(texts) == 1 else None)
    if chosen is None:
        raise UserError(f"{path}: no column `id` of text; it has {_some(schema.names)}")
    others = [f for f in schema if f.name != chosen and f.name not in texts]
    lists = [f for f in others if _is_list(f.type)]
    if len(lists) > 1 or (lists and len(others) > 1 and lists[0].name not in _ROWS):
        raise UserError(f"{path}: several columns could be the rows ({_some([f.name for f in others])}); keep one")
    for f in lists or others:
        if not _is_number(f.type.value_type if lists else f.type):
            raise UserError(f"{path}: the column {f.name!r} is {f.type}; expected real numbers, or lists of them")
    return chosen, [f.name for f in lists or others]


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind) or pa.types.is_large_list(kind))


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))


def _size(metadata: Any, ids: str, columns: Sequence[str]) -> int:
    """Bytes of the columns in memory, as the file's end counts its values: encodings say one value a billion times."""
    size, of_one = 0, dict.fromkeys(columns, _OF_A_NUMBER) | {ids: _OF_AN_ID}
    for g in range(metadata.num_row_groups):
        group = metadata.row_group(g)
        for c in range(group.num_columns):
            chunk = group.column(c)
            inside = [name for name in columns[:1] if chunk.path_in_schema.startswith(f"{name}.")]  # of lists
            name = (inside or [chunk.path_in_schema])[0]
            if name in of_one:
                size += max(chunk.num_values * of_one[name], chunk.total_uncompressed_size)
    return size


def _joined(
    path: Path, batches: Iterator[Any], id_column: str, columns: Sequence[str], *, n: int
) -> tuple[list[str], Any]:
    import numpy as np

    ids: list[str] = []
    rows: Any = None
    for batch in batches:
        part = _rows(path, [batch.column(name) for name in columns], len(batch))
        if rows is None:
            rows = np.empty((n, part.shape[1]), dtype=part.dtype if part.dtype.kind == "f" else np.float64)
        if part.shape[1] != rows.shape[1]:
            raise UserError(f"{path}: some lists are of {part.shape[1]} numbers, others of {rows.shape[1]}")
        rows[len(ids) : len(ids) + len(batch)] = part
        ids += _ids(path, batch.column(id_column))
    return ids, np.empty((0, 0)) if rows is None else rows


def _ids(path: Path, column: Any) -> list[str]:
    import pyarrow.compute as pc

    longest = pc.max(pc.binary_length(getattr(column, "dictionary", column))).as_py() or 0
    if longest > _LONGEST_ID:
        raise UserError(f"{path}: an id is of {longest} bytes; expected at most {_LONGEST_ID}")
    found: list[str] = column.to_pylist()
    return found


def _rows(path: Path, columns: Sequence[Any], n: int) -> Any:
    """(n, d) of a column of lists or of columns of numbers; what is missing is not a number. Raises UserError for lists of many lengths."""
    import numpy as np
    import pyarrow.compute as pc

    if not columns:
        return np.empty((n, 0))
    if not _is_list(columns[0].type):
        return np.stack([column.to_numpy(zero_copy_only=False) for column in columns], axis=1)
    lengths = pc.unique(pc.fill_null(pc.list_value_length(columns[0]), 0)).to_pylist()
    if len(lengths) > 1:
        raise UserError(f"{path}: some lists are of {lengths[0]} numbers, others of {lengths[1]}")
    return columns[0].flatten().to_numpy(zero_copy_only=False).reshape(n, lengths[0] if n else 0)


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:8])) or "none"
