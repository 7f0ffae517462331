"""A tokenizer in a process beside this one: it reads its file, a second or two for a large vocabulary, while this one imports.

Threads would not help: tokenizers holds Python's lock while it reads.
"""

import atexit
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import UserError
from .serve_tokens import READY, Tokens

_begun: dict[str, "_Beside"] = {}  # by the model's checksum


@dataclass(frozen=True, eq=False)
class _Beside:
    """A process of `serve_tokens`."""

    process: subprocess.Popen[str]

    def line(self) -> str:
        """Its next line, "" once it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def tokens(self, texts: Sequence[str], special: bool) -> list[list[int]]:
        """As of `read_tokenizer`. Raises UserError where the process was ended."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps([list(texts), special]) + "\n")
            self.process.stdin.flush()
            return json.loads(self.line())
        except (OSError, ValueError):
            raise UserError("the process that makes tokens of texts was ended; run the command again") from None

    def end(self) -> None:
        """Ends it; whatever it has not said is lost."""
        self.process.kill()
        self.process.communicate()


def begin_tokens(path: Path, sha256: str) -> None:
    """Starts reading a `tokenizer.json`, that of the model with this checksum."""
    # -P: no module of the current folder is taken for one of Python's
    command = [sys.executable, "-P", "-m", f"{__package__}.serve_tokens", str(path)]
    beside = _Beside(
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
        )
    )
    atexit.register(beside.end)
    _begun[sha256] = beside


def begun_tokens(sha256: str) -> Tokens | None:
    """What the process begun for a model has read, waited for; None if none was begun, or it could not read."""
    beside = _begun.pop(sha256, None)
    return beside.tokens if beside and beside.line() == READY else None
