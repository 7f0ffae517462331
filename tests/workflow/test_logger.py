"""What a run prints: one line per job in a file, and a view on a terminal, from Snakemake's own events."""

import io
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

from snakemake_logger_plugin_alignscape import LogHandler
from snakemake_logger_plugin_alignscape.progress import Job, Progress, duration, label_of
from tests.helpers.workspace import Workspace


def handler(*, terminal: bool = False, dryrun: bool = False) -> tuple[LogHandler, io.StringIO]:
    """A handler that prints into a string."""
    made = LogHandler(SimpleNamespace(stdout=False, dryrun=dryrun), None)
    out = io.StringIO()
    made.console = Console(file=out, force_terminal=terminal, width=100, highlight=False)
    return made, out


def send(
    to: LogHandler, event: LogEvent | None = None, message: str = "", level: int = logging.INFO, **extra: Any
) -> None:
    record = logging.makeLogRecord({"msg": message, "levelno": level, "event": event, **extra})
    to.emit(record)


def run_two_jobs(to: LogHandler, log: Path) -> None:
    """One job that ends well and one that fails and is never tried again."""
    send(to, LogEvent.RUN_INFO, stats={"embed_text": 1, "align": 1, "all": 1, "total": 3})
    for number, rule in ((1, "embed_text"), (2, "align")):
        wildcards = {"encoder": "tfidf[/red]", "digest": "0123456789ab"}
        send(to, LogEvent.JOB_INFO, jobid=number, rule_name=rule, wildcards=wildcards, log=[str(log)])
        send(to, LogEvent.JOB_STARTED, jobs=[number])
    send(to, LogEvent.JOB_FINISHED, job_id=1)
    send(to, LogEvent.JOB_ERROR, jobid=2, level=logging.ERROR)
    send(to, LogEvent.JOB_ERROR, jobid=2, level=logging.ERROR)


def test_one_line_for_a_job_and_for_a_failure_its_log(tmp_path: Path) -> None:
    log = tmp_path / "align.log"
    log.write_text("much\n" * 50 + "alignscape: gvp: 3 rows expected\n")
    made, out = handler()
    run_two_jobs(made, log)
    made.close()
    lines = out.getvalue().splitlines()
    assert lines[0] == "2 jobs to run"
    assert lines[1].split()[1:4] == ["1/2", "embed_text", "tfidf[/red]"]  # what looks like markup is text
    assert lines[2] == f"failed: align tfidf[/red]; its log is {log}"
    assert lines[-1].startswith("failed: align")
    assert out.getvalue().count("alignscape: gvp: 3 rows expected") == 1
    assert "1 of 2 jobs in" in out.getvalue()


def test_a_terminal_has_one_view_that_is_taken_down(tmp_path: Path) -> None:
    made, out = handler(terminal=True)
    run_two_jobs(made, tmp_path / "absent.log")
    assert made._live is not None
    view = io.StringIO()
    Console(file=view, width=100).print(made._view())
    assert "embed_text" in view.getvalue()
    assert "1 of 2 jobs" in view.getvalue()
    made.close()
    assert made._live is None
    assert "\x1b[?25h" in out.getvalue()  # the cursor is shown again


def test_a_dry_run_lists_the_jobs(tmp_path: Path) -> None:
    made, out = handler(dryrun=True)
    send(made, LogEvent.RUN_INFO, stats={"align": 1, "all": 1, "total": 2})
    send(made, LogEvent.JOB_INFO, jobid=1, rule_name="align", wildcards={"gdm": "gvp", "llm": "tfidf"}, log=[])
    made.close()
    assert out.getvalue().splitlines() == ["1 job to be run", "  align gvp tfidf"]


@pytest.mark.parametrize(
    ("message", "level", "said"),
    [
        ("Nothing to be done (all requested files are present and up to date).", logging.INFO, "Nothing to do"),
        ("Terminating processes on user request, this might take some time.", logging.INFO, "ending the jobs that run"),
        ("the disk is full", logging.ERROR, "the disk is full"),
        ("Select jobs to execute...", logging.INFO, ""),
    ],
)
def test_what_is_said_beside_the_jobs(message: str, level: int, said: str) -> None:
    made, out = handler()
    send(made, message=message, level=level)
    made.close()
    assert said in out.getvalue()
    assert bool(out.getvalue()) == bool(said)


def test_time_left_follows_from_the_rates() -> None:
    """Ten jobs of 10 s, two side by side: with four done at 20 s and two that have just begun, 30 s are left."""
    progress = Progress()
    progress.plan({"align": 10, "all": 1, "total": 11})
    assert progress.seconds_left(0) is None
    for number in range(4):
        progress.start(number, Job("align", "", start=10.0 * (number // 2)))
        progress.finish(number, 10.0 * (number // 2) + 10)
    for number in (4, 5):
        progress.start(number, Job("align", "", start=20.0))
    assert progress.seconds_left(20.0) == pytest.approx(30)
    assert progress.seconds_left(25.0) == pytest.approx(25)


def test_words() -> None:
    assert [duration(x) for x in (0.04, 9.94, 59.4, 61, 3599, 7500)] == [
        "0.0 s", "9.9 s", "59 s", "1 min 1 s", "59 min 59 s", "2 h 5 min",
    ]  # fmt: skip
    assert label_of({"gdm": "gvp", "digest": "0123456789ab", "shard": "s0000-8936d0e2"}) == "gvp s0000-8936d0e2"


def test_snakemake_finds_it() -> None:
    assert "alignscape" in LoggerPluginRegistry().get_registered_plugins()


def test_a_real_run_prints_one_line_for_each_job(space: Workspace) -> None:
    """Of a finished study the ledger is made again."""
    first = space.snakemake("--cores", "2", "--logger", "alignscape", "--forcerun", "ledger", "--until", "ledger")
    assert "1 job to run" in first
    assert [line.split()[1:3] for line in first.splitlines() if "  ledger" in line and "/" in line] == [
        ["1/1", "ledger"]
    ]
