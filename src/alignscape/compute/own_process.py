"""Whether this process is a command or a job of alignscape: whether no code but ours comes after what we import in it."""

from collections.abc import Iterator
from contextlib import contextmanager

_entered = 0


@contextmanager
def own_process() -> Iterator[None]:
    """Inside, the process is ours, from its start to its end: entered by the command line and by the jobs' scripts."""
    global _entered
    _entered += 1
    try:
        yield
    finally:
        _entered -= 1


def is_own_process() -> bool:
    """Whether the process is ours. False where someone's program or notebook calls the package."""
    return _entered > 0
