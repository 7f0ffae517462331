"""Builds the study's plan: the main process scans ids and input files once, and every job reuses that snapshot."""

import atexit
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from ..config.load import parse
from ..config.study import Study
from ..errors import UserError, in_one_line
from ..storage.files import digest_of, read_json, write_json
from .clock import date_no_file_in_the_future
from .digest import known_code, take_code
from .plan import Plan
from .run_lock import hold_results
from .snapshot import load_snapshot, save_snapshot


def quote_interpreter() -> None:
    """Makes Snakemake's command lines hold where Python lies under a path with spaces.

    Snakemake 9 puts `sys.executable` into a shell's command line as it is (its issue 2645).
    """
    if sys.executable and not sys.executable.startswith("'"):
        sys.executable = shlex.quote(sys.executable)


def open_plan(config: Mapping[str, Any], *, path: str, scripts: Path, main: bool, dry_run: bool = False) -> Plan:
    """The plan of a config. Raises UserError for a config that does not fit or ids that cannot be had.

    path: the config's file, for messages. main: whether this is the process that starts the run; the others read its snapshot below the results.
    dry_run: whether nothing will run; then nothing is written, removed or downloaded, and no snapshot left.
    """
    study = parse(dict(config), path=path)
    snapshot = snapshot_file(study)
    if main and not dry_run:
        hold_results(study.results_dir)
    if main or not snapshot.exists():
        from .given_rows import require_rows
        from .inputs import collect_inputs
        from .own_texts import own_texts

        inputs = collect_inputs(study, remember=not dry_run)
        require_rows(study, inputs, remember=not dry_run)
        own_texts(study, inputs, remember=not dry_run)
        if not dry_run:
            save_snapshot(snapshot, study, inputs, scripts=scripts)
    else:
        inputs = load_snapshot(snapshot)[1]
        take_code_digests(snapshot)
    if main and not dry_run:
        date_no_file_in_the_future(study.results_dir)
    plan = Plan(study, inputs, scripts=scripts)
    _ = plan.questions  # so that a plug-in that does not fit is said here, in one line
    if main:
        plan.forget_lost_pairs(remove=not dry_run)
    if main and plan.downloads and not dry_run:
        from .second_try import ask_again

        ask_again(plan)
    return plan


def snapshot_file(study: Study) -> Path:
    """Path of the snapshot that the main process writes."""
    return study.results_dir / ".plan" / f"{digest_of(study.model_dump(mode='json'))}.json"


def keep_code_digests(study: Study) -> None:
    """Leaves what this process has read of the code for the jobs of its run, which need not read it again."""
    write_json(snapshot_file(study).with_suffix(".code"), known_code())


def take_code_digests(snapshot: Path) -> None:
    """What the run of a snapshot had read of the code, if it left it, so that the same files are not read again."""
    with suppress(OSError, ValueError, TypeError):  # it is only quicker with it
        take_code(read_json(snapshot.with_suffix(".code")))


def say_when_interrupted() -> None:
    """Lets Ctrl-C end this process as ever, with a last line that says what to do then."""
    if threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where a shell has it ignored
        signal.signal(signal.SIGINT, _interrupted)


def _interrupted(*_: object) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    line = "alignscape: interrupted; what is finished is kept, and the same command goes on from there"
    atexit.register(print, line, file=sys.stderr)
    raise KeyboardInterrupt


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Ends the process with one line on standard error, and status 1, for what a user can mend."""
    try:
        yield
    except UserError as error:
        _end(str(error))
    except OSError as error:
        if (line := in_one_line(error)) is None:
            raise
        _end(line)


def _end(line: str) -> NoReturn:
    print(f"alignscape: {line}", file=sys.stderr)
    raise SystemExit(1) from None


def shown_path(path: str) -> str:
    """A file as one writes it in the current folder; of one that lies elsewhere its name only, which tells nobody of this machine."""
    there, here = Path(path).resolve(), Path.cwd().resolve()
    return str(there.relative_to(here)) if there.is_relative_to(here) else there.name
