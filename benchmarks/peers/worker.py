"""One side of one comparison, in a process of its own: prepares the work, then does it once for each line of its input.

    python -m benchmarks.peers.worker MODULE SIDE THREADS FOLDER CACHE

Answers a line of JSON each time: seconds on the clock, processor seconds, and megabytes above what was there before, of this process
and of those it started. What the work gives is written once, into the folder, so that both sides can be compared.
"""

import importlib
import json
import os
import sys
import time
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

import psutil

LEAST = 0.2  # processor seconds that are worth a look at the clock


def main() -> None:
    """Works until the input ends."""
    module, side, threads, folder, cache = sys.argv[1:6]
    answers = sys.stdout
    with redirect_stdout(sys.stderr):
        import numpy as np
        import torch

        torch.set_num_threads(int(threads))
        peer = importlib.import_module(f"benchmarks.peers.{module}")
        try:
            work = getattr(peer, side)(Path(cache))
            start = time.process_time()
            np.save(Path(folder) / f"{side}.npy", np.asarray(work(), dtype=np.float64))
            times = max(1, int(LEAST / (time.process_time() - start + 1e-6)))
        except Exception as error:  # the other comparisons go on
            print(json.dumps({"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}), file=answers)
            return
        print(json.dumps({"amount": peer.AMOUNT, "limit": getattr(peer, "LIMIT", None)}), file=answers, flush=True)
        for _ in sys.stdin:
            print(json.dumps(measured(work, times=times)), file=answers, flush=True)


def measured(work: Any, *, times: int) -> dict[str, float]:
    """What one call took, of so many."""
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    for process in family:
        with suppress(OSError):
            Path(f"/proc/{process.pid}/clear_refs").write_text("5")  # the peak begins anew
    before, used, start = sum(map(memory, family)), sum(map(seconds, family)), time.perf_counter()
    for _ in range(times):
        work()
    took = {"wall": (time.perf_counter() - start) / times, "cpu": (sum(map(seconds, family)) - used) / times}
    return took | {"peak": (sum(map(peak, family)) - before) / 2**20}


def seconds(process: psutil.Process) -> float:
    """Processor seconds of a process so far; of others in steps of a hundredth."""
    if process.pid == os.getpid():
        return time.process_time()
    times = process.cpu_times()
    return float(times.user + times.system)


def memory(process: psutil.Process) -> int:
    """Bytes of a process in memory."""
    return int(process.memory_info().rss)


def peak(process: psutil.Process) -> float:
    """The most bytes that it had in memory since it was last asked to begin anew; what it has where the system does not tell."""
    with suppress(OSError):
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return memory(process)


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()
