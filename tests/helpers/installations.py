"""What `make setup` installs, as make itself says it."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def installations_of_make(*arguments: str) -> list[str]:
    """What `make setup` would give to pip's install, in order."""
    dry = [shutil.which("make"), "--dry-run", "--always-make", "setup", *arguments]
    would = subprocess.run(dry, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.partition("--disable-pip-version-check ")[2] for line in would if "pip install" in line]
