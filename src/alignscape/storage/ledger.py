"""The ledger: one line for each protein that was left out, at which stage, by which encoders, and why."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .files import write_text
from .plain_text import from_cell, plain_line, to_cell


@dataclass(frozen=True)
class Omission:
    """One protein that one stage could not take: a line of the ledger."""

    id: str
    stage: str  # source | parse | describe | eligibility | embed
    encoder: str  # name of the encoder, "" where no encoder is involved
    reason: str


COLUMNS = ("id", "stage", "encoders", "reason")
NOT_READ = "not read: "  # how the reason begins where a line is about a file that is no protein's
_LONGEST = 1000  # characters of a reason
STAGES = ("source", "parse", "describe", "eligibility", "embed")


def merge_omissions(omissions: Iterable[Omission]) -> list[dict[str, str]]:
    """Rows with COLUMNS, one an (id, stage, reason), encoders joined by commas; sorted by id and stage."""
    encoders: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for omission in omissions:
        encoders[plain_line(omission.id), omission.stage, plain_line(omission.reason, most=_LONGEST)].add(
            plain_line(omission.encoder)
        )
    rows = [
        dict(zip(COLUMNS, (id_, stage, ",".join(sorted(names - {""})), reason), strict=True))
        for (id_, stage, reason), names in encoders.items()
    ]
    return sorted(rows, key=lambda row: (row["id"], _order(row["stage"]), row["reason"]))


def _order(stage: str) -> int:
    return STAGES.index(stage) if stage in STAGES else len(STAGES)


def write_ledger(path: str | Path, omissions: Iterable[Omission]) -> None:
    """The merged omissions as a tab-separated table with a head line."""
    lines = ["\t".join(COLUMNS), *("\t".join(map(to_cell, row.values())) for row in merge_omissions(omissions))]
    write_text(path, "".join(f"{line}\n" for line in lines))


def read_ledger(path: str | Path) -> list[dict[str, str]]:
    """The rows of a ledger."""
    lines = Path(path).read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return [dict(zip(COLUMNS, map(from_cell, line.split("\t")), strict=True)) for line in lines[1:]]
