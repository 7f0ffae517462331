"""What every source of structure files gives: where each protein's files lie on this machine, or why there are none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from ...storage.files import read_json, write_json
from ...storage.ledger import Omission


@dataclass(frozen=True)
class Located:
    """One protein's files on this machine."""

    path: Path
    fasta: Path | None  # None where the structure file's own header has to do
    sha256: str  # of the structure file's bytes, from the time when it was first read


_NOT_YET = "could not be downloaded: "


def passing_failure(id_: str, reason: str) -> Omission:
    """The line of a file that is to be had, but not now: a timeout, a busy server, a firewall. The next run asks again."""
    return Omission(id_, "source", "", f"{_NOT_YET}{reason}; the next run asks again")


def is_passing(omission: Omission) -> bool:
    """Whether a line is `passing_failure`'s."""
    return omission.stage == "source" and omission.reason.startswith(_NOT_YET)


def nothing_to_be_had(found: Mapping[str, Located | Omission | None], missing: Collection[str]) -> str:
    """What failed, if all that was `missing` failed for a passing reason and no file is had of any id; else ""."""
    failed = [x.reason for id_ in missing if isinstance(x := found[id_], Omission) and is_passing(x)]
    had = any(isinstance(x, Located) for x in found.values())
    return failed[0].removeprefix(_NOT_YET) if failed and len(failed) == len(missing) and not had else ""


class Source(Protocol):
    """What every source can do."""

    def ids(self) -> list[str]:
        """The ids of the study, upper case, sorted; also those that will turn out not to be had."""
        ...

    def local_paths(self) -> dict[str, Path]:
        """Structure files by id that already lie on this machine and that only their owner changes."""
        ...

    def local_fasta(self) -> dict[str, Path]:
        """FASTA files by id that lie beside those structure files."""
        ...

    def not_read(self) -> list[Omission]:
        """Lines for the ledger about local files that are no protein's: what each is."""
        ...

    def fetch(self, ids: Sequence[str]) -> dict[str, Located | Omission]:
        """For each id its files, or why there are none."""
        ...


def write_located(path: str | Path, found: dict[str, Located | Omission]) -> None:
    """What `fetch` found, for the jobs that follow."""
    write_json(
        path, {id_: {k: str(v) if isinstance(v, Path) else v for k, v in asdict(x).items()} for id_, x in found.items()}
    )


def read_located(path: str | Path) -> dict[str, Located | Omission]:
    """What `write_located` wrote."""
    return {id_: _read(values) for id_, values in read_json(path).items()}


def _read(values: dict[str, Any]) -> Located | Omission:
    if "reason" in values:
        return Omission(**values)
    fasta = values["fasta"]
    return Located(Path(str(values["path"])), Path(fasta) if fasta else None, str(values["sha256"]))
