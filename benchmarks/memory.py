"""Peak memory of a command and of all processes below it: the sum of their PSS, sampled twice a second. Linux only.

python benchmarks/memory.py [--every 0.5] make demo

PSS counts a page that several processes share in parts, so that the sum is what the command really takes. Says the peak, what
ran at that moment, the largest process of each rule, and the processor time of all together.
"""

import argparse
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil

_RULE = re.compile(r"scripts/(?:tmp[^.]*\.)?(\w+)\.py")  # Snakemake runs a copy of a rule's script: tmpab12cd.align.py


def sample(root: psutil.Process) -> Iterator[tuple[str, float]]:
    """What each living process is and its PSS in MiB."""
    try:
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return
    for process in processes:
        try:
            yield name_of(process.cmdline()), process.memory_full_info().pss / 2**20
        except psutil.Error:  # ended since
            continue


def name_of(command: list[str]) -> str:
    """The rule whose script a process runs, else its program."""
    line = " ".join(command)
    if found := _RULE.search(line):
        return found[1]
    return "snakemake" if "snakemake" in line else line[:40] or "?"


def watch(command: list[str], *, every: float) -> tuple[float, list[tuple[str, float]], dict[str, float], int]:
    """The peak in MiB, the processes at that moment, the largest process by name, and the exit status."""
    child = subprocess.Popen(command)
    root = psutil.Process(child.pid)
    peak: float = 0.0
    at_peak: list[tuple[str, float]] = []
    largest: dict[str, float] = {}
    while child.poll() is None:
        now = list(sample(root))
        for name, size in now:
            largest[name] = max(size, largest.get(name, 0.0))
        if (total := sum(size for _, size in now)) > peak:
            peak, at_peak = total, now
        time.sleep(every)
    return peak, at_peak, largest, child.returncode


def main() -> None:
    """Run the command and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=float, default=0.5, help="seconds between two samples")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    peak, at_peak, largest, status = watch(arguments.command, every=arguments.every)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"\npeak of all processes together: {peak / 1024:.2f} GiB (PSS), when there were")
    for name, size in sorted(at_peak, key=lambda each: -each[1]):
        print(f"  {size:7.0f} MiB  {name}")
    print("the largest process of each kind:")
    for name, size in sorted(largest.items(), key=lambda each: -each[1]):
        print(f"  {size:7.0f} MiB  {name}")
    print(f"processor time: {used.ru_utime + used.ru_stime:.0f} core-seconds")
    sys.exit(status)


if __name__ == "__main__":
    main()
