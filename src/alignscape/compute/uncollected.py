"""Imports of large libraries without Python's collector of circular references."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .own_process import is_own_process


@contextmanager
def uncollected(module: str) -> Iterator[None]:
    """For the first import of a large library in a process of ours: inside, nothing is looked through for garbage.

    The import makes a million objects, all to stay, through which the collector would go again and again; it passes over
    them afterwards too. Where the module is there already, or the process is someone else's, nothing happens.
    """
    if module in sys.modules or not is_own_process() or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
