"""What a run prints (`snakemake --logger alignscape`): one live view on a terminal, one line per job in a file.

The interface is that of Snakemake's logger plugins; the name of this package is how Snakemake finds it.
"""

import logging
import sys
import time
from logging import LogRecord
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from .progress import Job, Progress, duration, label_of, last_lines

NOTHING_TO_DO = "Nothing to be done"  # how Snakemake's message of that begins
INTERRUPTED = "Terminating processes on user request"
_REDRAWN_PER_SECOND = 2


class LogHandler(LogHandlerBase):
    """Turns Snakemake's events into a person's view of the run."""

    writes_to_stream = True
    writes_to_file = needs_rulegraph = False
    has_filter = has_formatter = True

    def __post_init__(self) -> None:
        self.console = Console(file=sys.stdout if self.common_settings.stdout else sys.stderr, highlight=False)
        self.progress = Progress()
        self._live: Live | None = None

    def emit(self, record: LogRecord) -> None:
        """Prints, or draws, what one event says."""
        said: Any = record  # Snakemake adds fields of its own
        event = getattr(said, "event", None)
        try:
            if event == LogEvent.RUN_INFO:
                self._plan(record)
            elif event == LogEvent.JOB_INFO:
                self._announce(record)
            elif event == LogEvent.JOB_FINISHED:
                self._finish(said.job_id)
            elif event == LogEvent.JOB_ERROR:
                self._fail(record)
            elif event is None or event == LogEvent.ERROR:
                self._say(record)
            self._draw()
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Takes the live view down and sums up."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self.progress.n_done:
            self._sum_up()
            self.progress = Progress()
        super().close()

    def _plan(self, record: Any) -> None:
        if not self.progress.totals:
            self.progress.plan(record.stats)
            n = self.progress.n_total
            self.console.print(
                f"{n} {'job' if n == 1 else 'jobs'} to {'run' if not self.common_settings.dryrun else 'be run'}"
            )

    def _announce(self, record: Any) -> None:
        job = Job(record.rule_name, label_of(record.wildcards), tuple(record.log or ()), time.monotonic())
        if not self.common_settings.dryrun:
            self.progress.start(record.jobid, job)
        elif job.rule != "all":
            self.console.print(Text(f"  {job.rule} {job.label}".rstrip()), soft_wrap=True)

    def _finish(self, number: int) -> None:
        found = self.progress.finish(number, time.monotonic())
        if found is not None and self._live is None:
            job, took = found
            count = f"{self.progress.n_done:>{len(str(self.progress.n_total))}}/{self.progress.n_total}"
            line = f"{time.strftime('%H:%M:%S')}  {count}  {job.rule} {job.label}".rstrip()
            self.console.print(Text(f"{line}  {duration(took)}"), soft_wrap=True)

    def _fail(self, record: Any) -> None:
        number: int = record.jobid
        job = self.progress.fail(number)
        if job is None:  # said already
            return
        log = ", ".join(job.log)
        self._print(f"failed: {job.rule} {job.label}".rstrip() + (f"; its log is {log}" if log else ""), style="red")
        for line in last_lines(job.log):
            self._print(f"    {line}")

    def _say(self, record: LogRecord) -> None:
        message = record.getMessage()
        if message.startswith(NOTHING_TO_DO):
            self._print("Nothing to do: all results are there and up to date; `alignscape show` prints them.")
        elif message.startswith(INTERRUPTED):
            self._print("ending the jobs that run")  # how to go on is said last (plan/launch.py)
        elif record.levelno >= logging.WARNING:
            self._print(message, style="yellow" if record.levelno == logging.WARNING else "red")

    def _print(self, text: str, *, style: str = "") -> None:
        self.console.print(Text(text, style=style), soft_wrap=True)

    def _draw(self) -> None:
        if not self.console.is_terminal or not self.progress.running or self.common_settings.dryrun:
            return
        if self._live is None:
            self._live = Live(
                console=self.console, get_renderable=self._view, refresh_per_second=_REDRAWN_PER_SECOND, transient=True
            )
            self._live.start()

    def _view(self) -> Group:
        """The view as it is now."""
        now, progress = time.monotonic(), self.progress
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for stage in progress.stages():
            state = "done" if stage.done == stage.total else "runs" if stage.running else ""
            took = duration(stage.seconds / stage.done) + " each" if stage.done else ""
            table.add_row(stage.rule, f"{stage.done}/{stage.total}", took, state, style="" if stage.running else "dim")
        running = [
            Text(f"  {job.rule} {job.label}  {duration(now - job.start)}", overflow="ellipsis", no_wrap=True)
            for job in progress.running.values()
            if job.rule != "all"
        ]
        left = progress.seconds_left(now)
        head = f"{progress.n_done} of {progress.n_total} jobs, {duration(now - (progress.began or now))} so far" + (
            f", about {duration(left)} left" if left is not None else ""
        )
        lost = [Text(f"  failed: {job.rule} {job.label}; {', '.join(job.log)}", style="red") for job in progress.failed]
        return Group(table, Text(head, style="bold"), *running, *lost)

    def _sum_up(self) -> None:
        """How long each stage took, and what failed."""
        progress = self.progress
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for stage in sorted(progress.stages(), key=lambda stage: -stage.seconds):
            if stage.done:
                table.add_row(
                    stage.rule, f"{stage.done} {'job' if stage.done == 1 else 'jobs'}", duration(stage.seconds)
                )
        whole = duration(time.monotonic() - (progress.began or time.monotonic()))
        self.console.print(f"{progress.n_done} of {progress.n_total} jobs in {whole}; seconds of all jobs, by stage:")
        self.console.print(table)
        for job in progress.failed:
            self._print(f"failed: {job.rule} {job.label}; {', '.join(job.log)}", style="red")
