"""`alignscape plan`: what a study will take, before it runs. Writes nothing and imports no torch."""

import json
import os
from dataclasses import asdict

from ..config.study import Study
from ..plan.estimate import Estimate, Stage, estimate, slowest
from ..plan.inputs import collect_inputs
from ..plan.plan import Plan
from ..plan.rates import this_machine
from ..plan.sizes import sizes_of
from ..plan.snapshot import Inputs
from ..storage.shipped import shipped_folder
from .bare_texts import known_facts


def plan_study(study: Study, *, cores: int | None = None) -> Estimate:
    """What a study will take on this machine. Raises UserError for proteins that cannot be had."""
    return estimate_of(shipped_plan(study, collect_inputs(study, remember=False)), cores=cores)


def shipped_plan(study: Study, inputs: Inputs) -> Plan:
    """The plan of a study that is run by the rules that come with this package, so that what is there is found."""
    return Plan(study, inputs, scripts=shipped_folder() / "workflow" / "scripts")


def estimate_of(plan: Plan, *, cores: int | None = None) -> Estimate:
    """What a plan will take here, from what is known of its proteins. cores: all of this machine's if absent."""
    facts, all_parsed = known_facts(plan)
    sizes = sizes_of(plan, facts, all_parsed=all_parsed)
    return estimate(plan, sizes, machine=this_machine(), cores=cores or os.cpu_count() or 1)


def print_table(found: Estimate) -> None:
    """For a person: a line per rule, and the whole below."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE, padding=0)
    for column in ("rule", "jobs", "core time", "GiB a job", "rate"):
        table.add_column(column, justify="left" if column in ("rule", "rate") else "right", no_wrap=True)
    for stage in found.stages:
        table.add_row(stage.stage, *_cells(stage))
    console = Console(highlight=False)
    console.print(table)
    for line in lines(found):
        console.print(line, soft_wrap=True, markup=False)


def _cells(stage: Stage) -> tuple[str, str, str, str]:
    rate = "measured here" if stage.measured else "table"
    return f"{stage.jobs:,}", duration(stage.seconds), f"{stage.memory:.1f}", rate


def lines(found: Estimate) -> list[str]:
    """The whole in four lines."""
    sizes, most = found.sizes, slowest(found.parts)
    named = ", ".join(f"{part.stage} {part.name}".strip() + f" {duration(part.seconds)}" for part in most)
    return [
        f"{sizes.proteins:,} proteins, {sizes.training:,} of them for training encoders, {sizes.basis}",
        f"{found.jobs:,} jobs, about {duration(found.seconds)} on {cores_of(found)}, within a factor of two",
        f"the longest: {named}",
        f"disk: about {found.disk / 1e9:.1f} GB; all as if nothing had been computed yet",
    ]


def cores_of(found: Estimate) -> str:
    """`2 cores (AMD AVX2)`."""
    return f"{found.cores} core{'s' if found.cores > 1 else ''} ({found.machine.name})"


def as_json(found: Estimate) -> str:
    """Everything as one JSON object: seconds, GiB and bytes."""
    whole = {"jobs": found.jobs, "core_seconds": found.core_seconds, "seconds": found.seconds, "bytes": found.disk}
    machine = {"machine": found.machine.name, "cores": found.cores}
    parts = [asdict(part) for part in found.parts]
    return json.dumps(whole | machine | {"sizes": asdict(found.sizes), "parts": parts}, indent=1, ensure_ascii=False)


def duration(seconds: float) -> str:
    """Words for an estimate: `20 s`, `12 min`, `3.4 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
