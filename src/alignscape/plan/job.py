"""The frame of every workflow script: log file, number of threads, memory settings, errors in one line."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TextIO

from ..compute.allocator import keep_freed_memory
from ..compute.gpus import hold_gpus
from ..compute.own_process import own_process
from ..errors import UserError, in_one_line


@contextmanager
def job(*, log: str, threads: int = 1, gpus: int = 0, rule: str = "") -> Iterator[None]:
    """Run a workflow script: log its output, limit threads, tune malloc, turn a UserError into one line and exit code 1.

    gpus: 0, or any other number if the rule asks for one (its resource `accelerators`). Of several in the machine the job then has
    one, and with a `rule` for large models all.
    Threads and GPUs are set in the environment, so call it before torch or NumPy are imported.
    """
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
        os.environ[variable] = str(threads)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it sums on a GPU have no fixed order
    keep_freed_memory()
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    terminal = sys.stderr
    with open(log, "w", buffering=1, encoding="utf-8") as handle, redirect_stdout(handle), redirect_stderr(handle):
        try:
            if gpus and (taken := hold_gpus(every=rule.endswith("_large"))):
                print(f"on {', '.join(taken)}")
            with own_process():
                yield
        except UserError as error:
            _fail(str(error), terminal)
        except OSError as error:
            if (line := in_one_line(error)) is None:
                traceback.print_exc()
                raise
            _fail(line, terminal)
        except Exception:
            traceback.print_exc()
            raise


def _fail(message: str, terminal: TextIO) -> None:
    print(f"alignscape: {message}")
    print(f"alignscape: {message}", file=terminal)
    raise SystemExit(1)
