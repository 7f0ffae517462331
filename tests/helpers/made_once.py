"""Folders that the processes of a test run share."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder of that name, not to be changed: the first process that asks makes it, and the others wait for it."""
    base = factory.getbasetemp()
    base = base.parent if base.name.startswith("popen-") else base  # of pytest-xdist: a folder a worker
    folder = base / name
    with open(base / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / f"{name}.done").exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that failed
            make(folder)
            (base / f"{name}.done").touch()
    return folder
