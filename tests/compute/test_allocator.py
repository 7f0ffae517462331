"""Memory that is used again needs no new pages."""

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from alignscape.compute.allocator import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
def use():
    blocks = [np.empty(4 << 20, dtype=np.uint8) for _ in range(12)]
    for block in blocks:
        block[::4096] = 1
for _ in range(3):
    use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(way: str) -> int:
    """Pages that were given for twelve arrays of 4 MiB, twenty times over."""
    done = subprocess.run([sys.executable, "-c", FAULTS, way], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif("glibc" not in platform.libc_ver(), reason="not glibc")
def test_freed_memory_is_used_again_without_new_pages():
    assert faults("kept") < 100 < faults("left alone")
