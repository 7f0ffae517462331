"""Runs a study from any folder: Snakemake with the rules that come with this package."""

import os
import sys
from collections.abc import Sequence
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
    os.execv(command[0], command)


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
