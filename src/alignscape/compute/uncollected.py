"""Imports and loading without Python's collector of circular references."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Inside, nothing is looked through for garbage; what was made there is not looked through afterwards either.

    A library's import makes a million objects, all to stay, through which the collector goes again and again.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
