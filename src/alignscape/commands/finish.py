"""What a run does at its end, beside its jobs: notes how fast they were, and prints what was found."""

from contextlib import suppress

from ..errors import UserError
from ..plan.plan import Plan
from ..plan.rates import keep_rates, this_machine
from ..plan.sizes import sizes_of
from ..plan.workload import workload
from .bare_texts import known_facts
from .show import show_study


def note_rates(plan: Plan, *, on_this_machine: bool) -> None:
    """Keeps what the jobs of a run took in the cache folder, for the next `alignscape plan`; not those of a cluster's nodes."""
    facts, all_parsed = known_facts(plan)
    if not (on_this_machine and all_parsed):
        return
    works = workload(plan, sizes_of(plan, facts, all_parsed=True))
    with suppress(OSError, UserError):  # a finished study is no failure for want of a note
        keep_rates(works, plan.folder / "benchmarks", cache_dir=plan.study.cache_dir, machine=this_machine())


def end_of_run(plan: Plan, *, on_this_machine: bool) -> None:
    """Notes the rates, and prints the study as `alignscape show` does if its report is that of this plan."""
    note_rates(plan, on_this_machine=on_this_machine)
    if plan.published().exists():
        show_study(plan.folder)
