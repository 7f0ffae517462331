"""Commands as in a container of the same host name: process ids of their own, beginning anew."""

import os
import shutil
import subprocess
from functools import cache

import pytest


@cache
def _apart() -> list[str] | None:
    root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *root, "--pid", "--fork", "--kill-child", "--mount-proc"]
    works = shutil.which("unshare") and not subprocess.run([*command, "true"], capture_output=True).returncode
    return command if works else None


def as_process_two() -> list[str]:
    """What to put before a command so that it runs as process 2 of its own namespace; skips where there are none."""
    command = _apart()
    if command is None:
        pytest.skip("this machine gives no namespaces of process ids")
    return [*command, "sh", "-c", '"$@"; exit $?', "sh"]  # the shell is process 1
