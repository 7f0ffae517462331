"""The snapshot of a run: ids and digests of input files, taken by the main process and read by its jobs."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from ..config.load import parse
from ..config.study import Study
from ..storage.files import write_text


@dataclass(frozen=True)
class Inputs:
    """Everything outside the config that paths depend on: ids, and digests of local files."""

    file_digests: dict[str, str]  # id -> sha256 of its local structure file, "" where the source never changes it
    encoder_training: list[str] | None = None  # ids that the config names; None: whole clusters, once they are known
    files: dict[str, str] = field(default_factory=dict)  # path named in the config -> sha256
    not_read: list[dict[str, str]] = field(
        default_factory=list
    )  # lines of the ledger about files that are no protein's


def save_snapshot(path: Path, study: Study, inputs: Inputs, *, scripts: Path) -> None:
    """A study and its inputs as the main process saw them, for the jobs of the same run and for the commands.

    With them the folder that it ran in and its workflow's scripts, by which a command in another folder finds them.
    """
    where = {"folder": str(Path.cwd()), "scripts": str(scripts.absolute())}
    write_text(path, json.dumps({"study": study.model_dump(mode="json"), "inputs": vars(inputs), **where}))


def load_snapshot(path: Path) -> tuple[Study, Inputs]:
    """What `save_snapshot` wrote."""
    values = json.loads(path.read_text(encoding="utf-8"))
    return parse(values["study"]), Inputs(**values["inputs"])
