"""What encoders cost, from the times that Snakemake wrote beside the jobs of this study."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_EMBEDDING = ("embed_structure", "embed_text", "embed_text_large")
_TRAINING = ("pretrain", "fine_tune", "fine_tune_large")


@dataclass(frozen=True)
class Cost:
    """Of the jobs of one encoder: CPU time with their start-up, and the most memory that one of them held."""

    seconds: float
    gigabytes: float


@dataclass(frozen=True)
class Costs:
    """By encoder; one whose rows were made by another study has none."""

    embedding: Mapping[str, Cost] = field(default_factory=dict)  # seconds per protein
    training: Mapping[str, Cost] = field(default_factory=dict)  # seconds of its training here


def read_costs(folder: Path, rows: Mapping[str, Path], proteins: Mapping[str, int]) -> Costs:
    """The costs of encoders whose jobs left their times in `folder` (`benchmarks` of the study).

    rows: the gathered rows of each encoder, in a folder that is named by the digest. proteins: rows of each encoder.
    """
    found = {
        name: _cost(path for rule in _EMBEDDING for path in folder.glob(f"{rule}-{name}-{at.parent.name}-*.tsv"))
        for name, at in rows.items()
    }
    embedding = {
        name: Cost(c.seconds / proteins[name], c.gigabytes) for name, c in found.items() if c and proteins[name]
    }
    trained = {name: _cost(_newest(folder, name)) for name in rows}
    return Costs(embedding, {name: cost for name, cost in trained.items() if cost})


def _newest(folder: Path, name: str) -> list[Path]:
    """The last training of an encoder; it has another digest than its rows."""
    digest = "[0-9a-f]" * 12
    found = [path for rule in _TRAINING for path in folder.glob(f"{rule}-{name}-{digest}.tsv")]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)[-1:]


def _cost(paths: Iterable[Path]) -> Cost | None:
    times = [row for path in paths for row in _rows(path)]
    known = [
        (s, m)
        for row in times
        if (s := _number(row.get("cpu_time"))) is not None and (m := _number(row.get("max_rss"))) is not None
    ]
    return Cost(sum(s for s, _ in known), max(m for _, m in known) / 1024) if known else None


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def _number(text: str | None) -> float | None:
    """Snakemake writes NA for a job that was too short to be looked at."""
    try:
        return float(text or "")
    except ValueError:
        return None
