"""What of the locks has no wheel, by system and Python: what would have to be built there. Needs a package index; installs nothing.

python tools/check_wheels.py [--python 3.11 ...] [--platform x86_64-manylinux_2_17 ...] [requirements.lock ...]

A platform stands for all tags that a machine of it takes: `x86_64-manylinux_2_28` for those of glibc 2.28 and older ones.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("x86_64-manylinux_2_17", "x86_64-manylinux_2_28", "aarch64-apple-darwin")
LOCKS = ("requirements.lock", "requirements-torch.lock", "requirements-models.lock")
_NO_WHEEL = re.compile(
    r"Because (?:only )?([A-Za-z0-9._-]+?)(?:\{[^}]*\})?(?:[=<>]\S+)? (?:has no (?:usable )?wheels|is available)"
)


def without_wheel(locks: list[Path], *, python: str, platform: str) -> list[str]:
    """The packages of the locks that have no wheel there. Raises RuntimeError for an answer that is not understood."""
    missing: list[str] = []
    while said := _resolve(
        [line for lock in locks for line in pins(lock) if name_of(line) not in missing], python, platform
    ):
        found = _NO_WHEEL.search(" ".join(said.split()))
        if found is None or found[1] in missing:
            raise RuntimeError(said)
        missing.append(found[1])
    return missing


def pins(lock: Path) -> list[str]:
    """The lines `name==version ; marker` of a lock, without hashes."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [line.rstrip(" \\") for line in lines if re.match(r"[A-Za-z0-9]", line)]


def name_of(pin: str) -> str:
    """The package's name as the resolver writes it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[=\[ ;]", pin, maxsplit=1)[0]).lower()


def _resolve(wanted: list[str], python: str, platform: str) -> str:
    """What the resolver says against these packages as wheels only; "" if nothing."""
    uv = Path(sys.executable).with_name("uv")
    how = ["--no-deps", "--only-binary", ":all:", "--python-version", python, "--python-platform", platform]
    command = [str(uv), "pip", "compile", "--quiet", "--no-header", *how, "-", "--output-file", "/dev/null"]
    done = subprocess.run(command, input="\n".join(wanted), capture_output=True, text=True)
    return done.stderr if done.returncode else ""


def main() -> None:
    """One line per system and Python."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", nargs="+", default=PYTHONS)
    parser.add_argument("--platform", nargs="+", default=PLATFORMS)
    parser.add_argument("locks", nargs="*", type=Path, default=[ROOT / lock for lock in LOCKS])
    options = parser.parse_args()
    for platform in options.platform:
        for python in options.python:
            missing = without_wheel(options.locks, python=python, platform=platform)
            print(
                f"{platform}, Python {python}: {'no wheel of ' + ', '.join(missing) if missing else 'wheels of all'}",
                flush=True,
            )


if __name__ == "__main__":
    main()
