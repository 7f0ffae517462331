"""The most memory that a call takes beside what is held before it."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_EVERY = 0.005  # seconds between looks


def memory_taken(call: Callable[[], T], *, device: str) -> tuple[T, int]:
    """What the call returns, and the bytes: of the GPU by its own count, of a processor by looking at the process again and again."""
    if device.startswith("cuda"):
        import torch

        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        result = call()
        return result, torch.cuda.max_memory_allocated(device) - before
    import psutil

    process, done = psutil.Process(), threading.Event()
    before = most = process.memory_info().rss

    def look() -> None:
        nonlocal most
        while not done.wait(_EVERY):
            most = max(most, process.memory_info().rss)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        result = call()
    finally:
        done.set()
        watcher.join()
    return result, most - before
