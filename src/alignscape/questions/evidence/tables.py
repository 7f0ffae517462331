"""The result of a question as plain JSON values, and the table behind it."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...storage.files import write_json, write_text
from ...storage.plain_text import to_cell

Row = dict[str, Any]
Result = dict[str, Any]


def plain(value: Any) -> Any:
    """`value` as JSON knows it: NumPy scalars and arrays become Python's, and what is not finite becomes null."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def result(
    question: str,
    rows: Iterable[Row],
    *,
    columns: Sequence[str],
    answer: str,
    method: str,
    not_testable: str | None = None,
    **more: Any,
) -> Result:
    """What a question's `run` returns (docs/outputs.md). Raises ValueError for a row without one of the columns."""
    ordered = []
    for row in rows:
        if missing := [c for c in columns if c not in row]:
            raise ValueError(f"{question}: a row lacks {', '.join(missing)}: {row}")
        ordered.append({c: row[c] for c in columns})
    head = {"question": question, "answer": answer, "method": method, "not_testable": not_testable}
    return plain(head | {"columns": list(columns), "rows": ordered} | more)


def not_testable(question: str, why: str, *, columns: Sequence[str], method: str, **more: Any) -> Result:
    """The result of a question that the study cannot answer."""
    return result(
        question, [], columns=columns, answer=f"Not testable: {why}.", method=method, not_testable=why, **more
    )


def to_tsv(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """A header line and one line per row; null is empty, and a text is one line that no spreadsheet computes."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n", quotechar=None)
    writer.writerow(columns)
    for row in rows:
        writer.writerow(_cell(row[c]) for c in columns)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return to_cell(value) if isinstance(value, str) else str(value)


def write(path: str | Path, value: Result) -> None:
    """`path` (.json) and beside it the rows as .tsv; the JSON last, so that where it is, both are."""
    write_text(Path(path).with_suffix(".tsv"), to_tsv(value["rows"], value["columns"]))
    write_json(path, value)
