"""How far a run is: jobs by rule, what they took, what failed, and the time that is left by these rates."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_DIGEST = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class Job:
    """One job of the run."""

    rule: str
    label: str  # what a person would tell it from the rule's other jobs by
    log: tuple[str, ...] = ()
    start: float = 0.0  # seconds


@dataclass(frozen=True)
class Stage:
    """What became of one rule's jobs so far."""

    rule: str
    done: int
    running: int
    total: int
    seconds: float  # of all that are done, together


@dataclass
class Progress:
    """The run's state; times are seconds of one clock, given from outside."""

    totals: dict[str, int] = field(default_factory=dict)
    running: dict[int, Job] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    failed: list[Job] = field(default_factory=list)
    began: float | None = None

    def plan(self, totals: Mapping[str, int]) -> None:
        """Takes the number of jobs by rule; the target rule is none of them."""
        self.totals = {rule: n for rule, n in totals.items() if rule not in ("all", "total")}

    def start(self, number: int, job: Job) -> None:
        """A job begins at `job.start`."""
        self.running[number] = job
        self.began = job.start if self.began is None else self.began

    def finish(self, number: int, now: float) -> tuple[Job, float] | None:
        """The job that is done and its seconds; None for one that never began, as the target rule's."""
        job = self.running.pop(number, None)
        if job is None or job.rule == "all":
            return None
        took = now - job.start
        self.done[job.rule] += 1
        self.seconds[job.rule] += took
        return job, took

    def fail(self, number: int) -> Job | None:
        """The job that failed, once; it may be tried again."""
        job = self.running.pop(number, None)
        if job is not None:
            self.failed.append(job)
        return job

    @property
    def n_done(self) -> int:
        """Jobs that are done."""
        return sum(self.done.values())

    @property
    def n_total(self) -> int:
        """Jobs of the run."""
        return sum(self.totals.values())

    def stages(self) -> list[Stage]:
        """The rules in the order in which their first job began, then those that wait."""
        running = Counter(job.rule for job in self.running.values())
        begun = [*dict.fromkeys([*self.seconds, *running])]
        rules = [*begun, *(rule for rule in self.totals if rule not in begun)]
        return [
            Stage(rule, self.done[rule], running[rule], self.totals.get(rule, 0), self.seconds[rule])
            for rule in rules
            if rule != "all"
        ]

    def seconds_left(self, now: float) -> float | None:
        """Seconds until the end by what was measured so far; None before a tenth of the jobs is done.

        A rule of which nothing is done yet is taken to be as slow as the average job; as many jobs run side by side as did so far.
        """
        if self.began is None or self.n_done * 10 < self.n_total or not self.n_done or now <= self.began:
            return None
        average = sum(self.seconds.values()) / self.n_done
        work = 0.0
        for stage in self.stages():
            each = stage.seconds / stage.done if stage.done else average
            work += each * max(0, stage.total - stage.done)
        spent = sum(now - job.start for job in self.running.values())
        side_by_side = max(1.0, (sum(self.seconds.values()) + spent) / (now - self.began))
        return max(0.0, work - spent) / side_by_side


def label_of(wildcards: Mapping[str, str]) -> str:
    """What tells a job from others of its rule: its wildcards without digests."""
    return " ".join(str(value) for value in wildcards.values() if not _DIGEST.fullmatch(str(value)))


def duration(seconds: float) -> str:
    """Words for a time: `3.2 s`, `4 min 10 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def last_lines(paths: Iterable[str], n: int = 12) -> list[str]:
    """The last lines of the first log that holds any."""
    for path in paths:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                lines = [line.rstrip() for line in file if line.strip()]
        except OSError:
            continue
        if lines:
            return lines[-n:]
    return []
