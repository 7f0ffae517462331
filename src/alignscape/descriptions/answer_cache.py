"""Answers that were paid for, in one SQLite file that survives kills and serves parallel jobs."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    key TEXT NOT NULL, attempt INTEGER NOT NULL, text TEXT NOT NULL, finish_reason TEXT NOT NULL,
    input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, model TEXT NOT NULL, asked_for TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (key, attempt)
)
"""
_WAIT_SECONDS = 120  # for another job's write, which takes milliseconds


@dataclass(frozen=True)
class Answer:
    """What an endpoint said, and what it counted."""

    text: str
    finish_reason: str
    input_tokens: int
    output_tokens: int
    model: str  # as the endpoint calls itself


class AnswerCache:
    """Answers by key (a digest of what was asked) and attempt. Each is on disk before `put` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as connection:
            connection.execute(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction; parallel jobs wait for each other. Raises UserError for an unusable file."""
        try:
            with closing(sqlite3.connect(self.path, timeout=_WAIT_SECONDS)) as connection, connection:
                yield connection
        except sqlite3.DatabaseError as error:
            raise UserError(f"{self.path}: the cache of answers cannot be used ({error}); move it away") from None

    def get(self, key: str, attempt: int) -> Answer | None:
        """The stored answer, if there is one."""
        with self._open() as connection:
            row = connection.execute(
                "SELECT text, finish_reason, input_tokens, output_tokens, model FROM answers WHERE key = ? AND attempt = ?",
                (key, attempt),
            ).fetchone()
        return None if row is None else Answer(*row)

    def put(self, key: str, attempt: int, answer: Answer, *, asked_for: str) -> None:
        """Store an answer; `asked_for` (the protein's id) is there for whoever opens the file. The first one stays."""
        values = (
            key,
            attempt,
            answer.text,
            answer.finish_reason,
            answer.input_tokens,
            answer.output_tokens,
            answer.model,
        )
        with self._open() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO answers (key, attempt, text, finish_reason, input_tokens, output_tokens, model,"
                " asked_for) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, asked_for),
            )
