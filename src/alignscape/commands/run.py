"""Runs a study from any folder: Snakemake with the rules that come with this package."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from ..errors import UserError
from ..storage.shipped import shipped_folder

# Options that say themselves how many jobs run at once, as written alone, with `=` and, the short ones, with the number attached.
_SAYS_HOW_MANY = ("--cores", "--jobs", "--profile", "--executor", "-c", "-j", "-e")


def run(config: Path, options: Sequence[str]) -> NoReturn:
    """Becomes Snakemake, in the current folder. Raises UserError for a config or a workflow that is not there."""
    command = snakemake_command(config, options)
    sys.stdout.flush()
    os.execve(command[0], command, with_a_cache(os.environ, Path.cwd()))


def with_a_cache(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment, with a cache in `folder`/.snakemake where the home has none that can be written.

    Snakemake keeps what it reads of a workflow below XDG_CACHE_HOME or ~/.cache and ends in a traceback where it cannot.
    """
    cache = Path(environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME") or folder) / ".cache")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        usable = os.access(cache, os.W_OK | os.X_OK)
    except OSError:
        usable = False
    return {**environment} if usable else {**environment, "XDG_CACHE_HOME": str(folder / ".snakemake" / "cache")}


def snakemake_command(config: Path, options: Sequence[str]) -> list[str]:
    """The command line that runs a config's study: with all cores, unless the options say how many."""
    if not config.is_file():
        raise UserError(f"{config}: there is no such config file")
    folder = shipped_folder()
    cores = [] if any(map(_says_how_many, options)) else ["--cores", "all"]
    files = ["--snakefile", str(folder / "Snakefile"), "--configfile", str(config.resolve())]
    logger = [] if any(option.partition("=")[0] == "--logger" for option in options) else ["--logger", "alignscape"]
    return [
        sys.executable,
        "-m",
        "snakemake",
        *files,
        *cores,
        *logger,
        *_with_shipped_profile(options, folder / "profiles"),
    ]


def _says_how_many(option: str) -> bool:
    return option.partition("=")[0] in _SAYS_HOW_MANY or option[:2] in _SAYS_HOW_MANY


def _with_shipped_profile(options: Sequence[str], profiles: Path) -> list[str]:
    """The options; a profile that is none of a folder here, as `local` or `slurm`, is the one that comes with the package."""
    found = list(options)
    for number, option in enumerate(options):
        flag, equals, name = option.partition("=")
        if flag != "--profile":
            continue
        if equals:
            found[number] = f"--profile={_profile(name, profiles)}"
        elif number + 1 < len(options):
            found[number + 1] = _profile(options[number + 1], profiles)
    return found


def _profile(name: str, profiles: Path) -> str:
    shipped = profiles / name
    return str(shipped) if not Path(name).exists() and shipped.is_dir() else name
