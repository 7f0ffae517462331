"""How fast this machine was: core-seconds a unit of work, measured in runs and kept in the cache folder; or a table.

What a run measured is in the files of Snakemake's `benchmark:`. It counts from the next plan on, for the same rule and
encoder on the same kind of processor and card.
"""

import csv
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..compute.processor import kind
from ..storage.files import read_json, write_json
from .workload import Work

FILE = "rates.json"  # in the cache folder
_FEWEST = 0.5  # of a measured time, what is left of it without start and imports, for a rate to be told from noise
_FURTHEST = 20  # times the work that a rate was measured on: beyond that the table counts
# Core-seconds against those of the processor that the guesses are of. Others count as it does.
_PROCESSORS = {"AMD AVX2": 1.0, "Intel AVX2": 1.0, "AMD AVX-512": 0.5, "Intel AVX-512": 0.5, "Apple arm64": 0.7}
# Seconds of a card against core-seconds of that processor, by rule: counted from operations and bytes, not measured.
_CARDS: dict[str, dict[str, float]] = {
    "H100": {"embed_text": 1 / 10_000, "fine_tune": 1 / 3000, "embed_structure": 1 / 20, "check_encoders": 1 / 20, "pretrain": 1 / 20, "align": 1 / 100},
    "A100": {"embed_text": 1 / 4000, "fine_tune": 1 / 1200, "embed_structure": 1 / 15, "check_encoders": 1 / 15, "pretrain": 1 / 15, "align": 1 / 80},
    "": {"embed_text": 1 / 2000, "fine_tune": 1 / 600, "embed_structure": 1 / 10, "check_encoders": 1 / 10, "pretrain": 1 / 10, "align": 1 / 50},
}  # fmt: skip


@dataclass(frozen=True)
class Rate:
    """Seconds a unit and GiB of a job; measured or from the table."""

    second: float
    memory: float
    measured: bool


@dataclass(frozen=True)
class Machine:
    """What a study would run on."""

    processor: str  # its kind
    card: str  # the name of its GPU; "" for none

    @property
    def name(self) -> str:
        """What its rates are kept under."""
        return f"{self.processor}, {self.card}" if self.card else self.processor


@cache
def this_machine() -> Machine:
    """The machine of this process."""
    return Machine(kind(), _card())


def _card() -> str:
    """The name of the first GPU that nvidia-smi lists, asked for since torch takes seconds to import."""
    if shutil.which("nvidia-smi") is None:
        return ""
    try:
        asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.partition("\n")[0].strip()


def rate_of(work: Work, machine: Machine, measured: Mapping[str, Any]) -> Rate:
    """The rate of one rule's or encoder's work on a machine. measured: what `load_rates` gives."""
    own = measured.get(machine.name, {}).get(work.key)
    if own is not None and work.units <= _FURTHEST * own["units"]:
        return Rate(own["second"], max(own["memory"], 0.05), True)
    if machine.card and work.on_card:
        table = next(speeds for name, speeds in _CARDS.items() if name in machine.card)
        return Rate(work.second * table[work.stage], work.memory, False)
    return Rate(work.second * processor_factor(machine), work.memory, False)


def processor_factor(machine: Machine) -> float:
    """How long this processor takes for what takes the table's one second."""
    return _PROCESSORS.get(machine.processor, 1.0)


def load_rates(cache_dir: Path) -> dict[str, Any]:
    """Rates by machine and key of work; none where nothing was measured, or the file is damaged."""
    try:
        found = read_json(cache_dir / FILE)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def keep_rates(works: Iterable[Work], benchmarks: Path, *, cache_dir: Path, machine: Machine) -> int:
    """Notes what the jobs of a run took; returns how many rates are new. Those of a run's other jobs stay as they were.

    benchmarks: the folder of Snakemake's benchmark files. Only rules all of whose jobs have one are noted, and only where
    the work itself, without imports, was long enough to be told from them.
    """
    found = {work.key: rate for work in works if (rate := _measured(work, benchmarks, machine))}
    known = load_rates(cache_dir)
    kept = known | {machine.name: known.get(machine.name, {}) | found}
    if found and kept != known:
        write_json(cache_dir / FILE, kept)
    return len(found)


def _measured(work: Work, benchmarks: Path, machine: Machine) -> dict[str, float] | None:
    rows = [_row(benchmarks / f"{note}.tsv") for note in work.notes]
    if not rows or None in rows or not work.units:
        return None
    column = "s" if machine.card and work.on_card else "cpu_time"  # a job on a card waits for it
    took = sum(_number(row, column) for row in rows if row)
    # Of a job's time before its work Snakemake's own process, some two seconds, is not in its benchmark.
    own = took - len(rows) * max(0.0, work.before - 2.0) * processor_factor(machine)
    if own < _FEWEST * took:
        return None
    memory = max(_number(row, "max_pss") or _number(row, "max_rss") for row in rows if row) / 1024
    return {"second": own / work.units, "units": work.units, "memory": round(memory, 3)}


def _row(path: Path) -> dict[str, str] | None:
    """The last line of a benchmark file by column; None where there is none."""
    try:
        with open(path, encoding="utf-8", newline="") as handle:
            return next(reversed(list(csv.DictReader(handle, delimiter="\t"))), None)
    except OSError:
        return None


def _number(row: Mapping[str, str], column: str) -> float:
    """A number of a benchmark, 0 where Snakemake did not get one (`-`, `NA`)."""
    try:
        return float(row.get(column) or 0)
    except ValueError:
        return 0.0
