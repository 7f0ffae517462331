"""Writes the locks: what each group of pyproject.toml needs, to exact versions, with the SHA-256 of every file of them.

python tools/lock.py [arguments of `uv pip compile`, such as --upgrade or --upgrade-package gemmi]

A version stays unless it must change or an argument says so. The locks are for every system and every Python that
pyproject.toml allows: where a package is for some of them only, its line says which. requirements-torch.lock is not
written but read: which file torch and its libraries for a GPU are depends on the machine, so these have no hash.
"""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
TORCH = "requirements-torch.lock"
MODELS = "requirements-models.lock"
WITHOUT_DEPENDENCIES = (MODELS, "requirements-axe.lock")
GROUPS = ("pyg", "foldseek", "gromov", "test", "lint", "docs")
OF_TORCH = re.compile(r"torch$|nvidia-|cuda-|triton")  # what is installed with requirements-torch.lock
CONDA = "envs/alignscape.yaml"


COMPILE = ["pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
FORM = ["--generate-hashes", "--no-annotate", "--no-header"]


def main() -> None:
    """Writes every lock, and into conda's environment the digest of those that are installed there."""
    arguments = sys.argv[1:]
    users = compiled(["pyproject.toml"], arguments)
    _write("requirements.lock", users)
    for group in GROUPS:
        wanted = compiled(["pyproject.toml", "--extra", group, "--constraint", "requirements.lock"], arguments)
        _write(
            f"requirements-{group}.lock",
            {name: pin for name, pin in wanted.items() if not _covers(users.get(name), pin)},
        )
    for name in WITHOUT_DEPENDENCIES:
        _write(name, compiled([name, "--no-deps"], []), comment=_comment(name))
    path = ROOT / CONDA
    path.write_text(re.sub(r"(?m)^# locks: .*$", f"# locks: {digest_of_locks(ROOT)}", path.read_text()))


def compiled(sources: list[str], arguments: Iterable[str]) -> dict[str, str]:
    """Lines of a lock for each package that the sources need, but for torch and what comes with it."""
    uv = Path(sys.executable).with_name("uv")
    with TemporaryDirectory() as folder:
        out = Path(folder) / "out.lock"
        out.write_text(
            "".join(path.read_text() for path in sorted(ROOT.glob("requirements*.lock")))
        )  # versions to keep
        command = [uv, *COMPILE, *FORM, *sources, "--constraint", TORCH, "--output-file", out, *arguments]
        subprocess.run(command, cwd=ROOT, check=True)
        return {name: pin for name, pin in read_pins(out.read_text()).items() if not OF_TORCH.match(name)}


def _covers(one: str | None, other: str) -> bool:
    """Whether a package's lines in one lock install it wherever its lines in another would: that for one system only does not."""
    if one is None:
        return False
    here, there = (lines.splitlines()[0].rstrip(" \\") for lines in (one, other))
    return here == there or ";" not in here


def read_pins(lock: str) -> dict[str, str]:
    """The lines of each package of a lock, hashes included, by the package's name as the registry compares it."""
    pins = re.findall(r"^[A-Za-z0-9].*\n(?: .*\n)*", lock, flags=re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", pin.partition("==")[0]).lower(): pin for pin in pins}


def digest_of_locks(root: Path) -> str:
    """The SHA-256 of what conda's environment is made of: a comment there, so that a changed lock makes it anew."""
    names = ("requirements.lock", TORCH, MODELS)
    return hashlib.sha256(b"".join((root / name).read_bytes() for name in names)).hexdigest()


def _write(name: str, pins: Mapping[str, str], *, comment: str = "") -> None:
    (ROOT / name).write_text(comment + "".join(pins.values()))


def _comment(name: str) -> str:
    lines = (ROOT / name).read_text().splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith("#"))


if __name__ == "__main__":
    main()
