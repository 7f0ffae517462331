"""Answers that were paid for: one small file each, which survive kills and serve parallel jobs on any file system, without locks."""

from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import UserError
from ..storage.files import read_json, write_json


@dataclass(frozen=True)
class Answer:
    """What an endpoint said, and what it counted."""

    text: str
    finish_reason: str
    input_tokens: int
    output_tokens: int
    model: str  # as the endpoint calls itself


class AnswerCache:
    """Answers by key (a digest of what was asked) and attempt, in the files of a folder. Each is on disk before `put` returns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(folder, str(error.strerror)) from None

    def get(self, key: str, attempt: int) -> Answer | None:
        """The stored answer, if there is one. Raises UserError for a file that holds something else."""
        path = self._path(key, attempt)
        try:
            return Answer(**read_json(path)["answer"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unusable(path, f"{type(error).__name__}: {error}") from None

    def put(self, key: str, attempt: int, answer: Answer, *, asked_for: str) -> None:
        """Store an answer; `asked_for` (the protein's id) is there for whoever opens the file. The first one stays."""
        path = self._path(key, attempt)
        if not path.exists():
            write_json(path, {"asked_for": asked_for, "answer": asdict(answer)})

    def _path(self, key: str, attempt: int) -> Path:
        return self.folder / key[:2] / f"{key}-{attempt}.json"


def _unusable(path: Path, why: str) -> UserError:
    return UserError(f"{path}: the cache of answers cannot be used ({why}); move it away")
