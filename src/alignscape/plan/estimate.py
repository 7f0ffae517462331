"""What a study will take, before it runs: jobs, core-hours and memory by rule, hours, disk."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..encoders.text.official import registry_model
from .plan import Plan
from .rates import Machine, load_rates, processor_factor, rate_of
from .sizes import Sizes
from .workload import Work, parameters, text_width, workload

_BYTES_A_RESIDUE = 250  # of a parsed structure: eight atoms of some thirty bytes
_BYTES_A_VALUE = 4
_A_PROTEIN = 40_000  # bytes of facts, texts, analyses and page
_FIXED = 12_000_000  # bytes of figures, logs and a small page
# Bytes in the cache for each weight that is multiplied: the token embedding is as large.
_CONVERTED = 2 * _BYTES_A_VALUE


@dataclass(frozen=True)
class Stage:
    """One rule, or one of its encoders."""

    stage: str
    name: str  # of the encoder; "" for the rule as a whole
    jobs: int
    seconds: float  # of cores, or of the card, all jobs together
    memory: float  # GiB of its largest job
    measured: bool  # whether its rate was measured on this machine


@dataclass(frozen=True)
class Estimate:
    """A study, if nothing of it has been computed yet."""

    sizes: Sizes
    machine: Machine
    cores: int
    parts: list[Stage]  # by rule and encoder
    disk: float  # bytes

    @property
    def stages(self) -> list[Stage]:
        """By rule."""
        return [_together(list(parts)) for _, parts in groupby(self.parts, key=lambda part: part.stage)]

    @property
    def jobs(self) -> int:
        """Of the whole study."""
        return sum(part.jobs for part in self.parts)

    @property
    def core_seconds(self) -> float:
        """Of the whole study; where there is a card, with the card's seconds."""
        return sum(part.seconds for part in self.parts)

    @property
    def seconds(self) -> float:
        """From start to end, all cores busy; what takes longest cannot be shared out."""
        longest = max((part.seconds / part.jobs for part in self.parts if part.jobs), default=0.0)
        return max(self.core_seconds / self.cores, longest)


def estimate(plan: Plan, sizes: Sizes, *, machine: Machine, cores: int) -> Estimate:
    """What a study will take on a machine, by rates measured there before, else by the table."""
    measured = load_rates(plan.study.cache_dir)
    parts = [_stage(work, machine, measured) for work in workload(plan, sizes)]
    return Estimate(sizes, machine, cores, parts, _disk(plan, sizes))


def _stage(work: Work, machine: Machine, measured: dict[str, Any]) -> Stage:
    rate = rate_of(work, machine, measured)
    seconds = work.jobs * work.before * processor_factor(machine) + work.units * rate.second
    return Stage(work.stage, work.name, work.jobs, seconds, rate.memory, rate.measured)


def _together(parts: list[Stage]) -> Stage:
    seconds, jobs = sum(part.seconds for part in parts), sum(part.jobs for part in parts)
    memory = max(part.memory for part in parts)
    return Stage(parts[0].stage, "", jobs, seconds, memory, all(part.measured for part in parts))


def _disk(plan: Plan, sizes: Sizes) -> float:
    """Bytes below the results, and of the converted models in the cache folder."""
    n = sizes.proteins
    widths: list[float] = [block.cost().width for block in plan.structure_blocks.values()]
    widths += [text_width(block) for block in plan.text_blocks.values()]
    rows = 2 * n * _BYTES_A_VALUE * sum(widths)  # by shard, and together
    models = [parameters(b) for b in plan.models_to_prepare().values() if registry_model(b.model)]
    proteins = n * (sizes.residues * _BYTES_A_RESIDUE + _A_PROTEIN)
    return _FIXED + proteins + rows + _pairs(plan, n) + _CONVERTED * sum(models)


def _pairs(plan: Plan, n: int) -> float:
    """Heads of one seed, and scores of a protein under each split, seed and untrained draw."""
    settings = plan.study.alignment
    scores = 4 * n * len(settings.splits) * (settings.seeds + settings.untrained_draws)
    text = [text_width(plan.text_blocks[p.text]) for p in plan.pairs]
    structure = [plan.structure_blocks[p.structure].cost().width for p in plan.pairs]
    heads = sum(t * (t + s) for t, s in zip(text, structure, strict=True))
    return _BYTES_A_VALUE * (len(plan.pairs) * scores + heads)


def slowest(parts: Iterable[Stage], n: int = 3) -> list[Stage]:
    """The parts that take most of the time, the longest first."""
    return sorted(parts, key=lambda part: -part.seconds)[:n]
