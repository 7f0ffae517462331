"""Texts of proteins that are not of the study, to learn from: a table with the columns id, text and, if it may be, sequences."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from ..storage.files import read_jsonl
from ..storage.plain_text import from_cell

_KEY = "text.reference_texts"


@dataclass(frozen=True)
class ReferenceText:
    """One protein's text, and the sequences by which its relatives in a study are found."""

    id: str
    text: str
    sequences: tuple[str, ...]


def read_reference_texts(path: Path) -> list[ReferenceText]:
    """The rows of the table, by id. Sequences stand in one cell, spaces between.

    Raises UserError for a file that cannot be read, lacks a column, or has an empty cell or an id twice.
    """
    found: dict[str, ReferenceText] = {}
    for number, row in enumerate(_rows(path), start=2):
        id_, text = from_cell(row["id"] or "").strip(), from_cell(row["text"] or "").strip()
        if not id_ or not text:
            raise UserError(f"{_KEY}: {path}: line {number} lacks its {'text' if id_ else 'id'}")
        if id_ in found:
            raise UserError(f"{_KEY}: {path}: line {number} has {id_} again; give each protein one line")
        found[id_] = ReferenceText(id_, text, tuple((row.get("sequences") or "").split()))
    return [found[id_] for id_ in sorted(found)]


def texts_to_learn(
    files: Iterable[str | Path], *, reference: bool, chosen: Callable[[str], bool]
) -> list[tuple[str, str]]:
    """Id and text of each protein that LoRA learns from and TF-IDF counts words over.

    files: the table of reference texts, if `reference`; else descriptions of the study (JSON lines), of which those of
    `chosen` ids are taken.
    """
    if reference:
        return [(one.id, one.text) for path in files for one in read_reference_texts(Path(path))]
    return [(row["id"], row["text"]) for path in files for row in read_jsonl(path) if chosen(row["id"])]


def _rows(path: Path) -> list[dict[str, str | None]]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
            columns, rows = reader.fieldnames or [], list(reader)
    except OSError as error:
        raise UserError(f"{_KEY}: {path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{_KEY}: {path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    for column in ("id", "text"):
        if column not in columns:
            raise UserError(f"{_KEY}: {path}: no column `{column}`; expected id, text, sequences, with tabs between")
    return rows
