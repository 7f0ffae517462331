"""Which of this machine's GPUs a job has: one that no other job has, or, if all are taken, one that fewest have.

A seat at a GPU is a name that one process of the machine can hold at a time (an abstract socket of Linux). The system hands
it out to one of two that ask at once, and takes it back when the process ends, however it ends.

On a cluster a job that has an allocation of its own keeps all that it was given. Jobs of a run that lives inside one
allocation share it out as on a workstation.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Sequence

_VISIBLE = "CUDA_VISIBLE_DEVICES"
_ALLOCATIONS = ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID")  # what schedulers call the one that a process is in
# That of the run, for its jobs, which inherit it: one started elsewhere is in another.
_SHARED = "ALIGNSCAPE_ALLOCATION"
_SEATS = 64  # at each GPU; nobody runs so many jobs on one
_held: list[socket.socket] = []  # until the process ends


def hold_gpus(*, every: bool) -> list[str]:
    """Takes a seat at one GPU and shows this process no other, or takes one at each; returns which it took.

    Call it before torch looks for GPUs. Where there is one GPU or none, or a cluster has chosen for this job alone, nothing
    is done.
    """
    allocation = _allocation()
    if allocation and (allocation != os.environ.get(_SHARED) or _VISIBLE not in os.environ):
        return []
    cards = visible_gpus()
    if len(cards) < 2:
        return []
    if every:
        return [card for card in cards if _take_a_seat([card])]
    card = _take_a_seat(cards)
    if card is None:
        return []
    os.environ[_VISIBLE] = card
    return [card]


def share_allocation() -> None:
    """Lets the jobs that this process starts share out the GPUs of the allocation that it is in, if it is in one."""
    if allocation := _allocation():
        os.environ[_SHARED] = allocation


def _allocation() -> str:
    """What the scheduler calls the allocation that this process is in; "" outside of any."""
    return next((f"{name}={os.environ[name]}" for name in _ALLOCATIONS if name in os.environ), "")


def visible_gpus() -> list[str]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; without that all that nvidia-smi lists."""
    if (given := os.environ.get(_VISIBLE)) is not None:
        return [name for name in map(str.strip, given.split(",")) if name and name != "-1"]
    command = shutil.which("nvidia-smi")
    if command is None:
        return []
    try:
        asked = [command, "--query-gpu=uuid", "--format=csv,noheader"]
        said = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in said.splitlines() if line.startswith("GPU-")]


def _take_a_seat(cards: Sequence[str]) -> str | None:
    """The first of the GPUs with the lowest free seat; None where no seats can be had."""
    for seat in range(_SEATS):
        for card in cards:
            held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                # each allocation may number its own from 0
                held.bind(f"\0alignscape {_allocation()} {card} {seat}"[:107])
            except OSError:  # taken, or a system without such names
                held.close()
                continue
            _held.append(held)
            return card
    return None
