"""The workflow runs wherever its folder, and the Python that runs it, may lie."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.helpers.workspace import Workspace


def test_python_under_a_path_with_spaces_and_quotes(tmp_path: Path) -> None:
    """Snakemake puts Python's path into a shell's command line without quotes of its own."""
    space = Workspace.create(tmp_path / "it's mine" / "ü", ids=("1CRN", "1BX8"))
    venv.create(space.path / ".venv", with_pip=False)
    interpreter = space.path / ".venv" / "bin" / "python"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = space.path / ".venv" / "lib" / version / "site-packages" / "installed.pth"
    packages.write_text(sysconfig.get_path("purelib") + "\n")
    command = [str(interpreter), *space.command("--cores", "2", "--until", "parse")[1:]]
    done = subprocess.run(command, cwd=space.path, env=space.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((space.path / "results/proteins").rglob("*.facts.jsonl"))) >= 1
