"""The C library's memory: kept by the process between uses, not given back after each."""

import ctypes
import sys

# mallopt's names of what it sets (glibc, malloc.h), and the largest threshold that every glibc takes
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
_LARGEST_KEPT = 32 << 20
_KEPT = 1 << 30
_GROWTH = 64 << 20


def keep_freed_memory() -> None:
    """Keeps freed arrays of up to 32 MiB, 1 GiB together, for the next ones; does nothing where the C library is not glibc.

    Left alone, glibc returns arrays of some hundred kilobytes to the system as soon as they are freed, and the next
    one of that size faults in each of its pages anew: up to a fifth of a small language model's time (benchmarks/text.md).
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for name, value in ((_TRIM_THRESHOLD, _KEPT), (_MMAP_THRESHOLD, _LARGEST_KEPT), (_TOP_PAD, _GROWTH)):
        mallopt(name, value)
