"""Where a study was run: the folder that its config's relative paths count from, and the workflow's scripts.

A config means its relative paths (`results_dir`, `cache_dir`, id lists, models) from the folder in which Snakemake ran. A
command finds that folder by the results in it: the one that is named, or else the current folder, the config's folder and
those above it, the first that holds results of this very config, or else of an earlier state of it.
"""

from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from ..config.load import load
from ..config.study import Study
from ..errors import UserError
from ..plan.inputs import collect_inputs
from ..plan.launch import snapshot_file, take_code_digests
from ..plan.plan import Plan
from ..storage.files import read_json
from ..storage.shipped import shipped_folder


@dataclass(frozen=True)
class Place:
    """A study and where it was run."""

    study: Study
    folder: Path  # Snakemake ran here
    scripts: Path  # of the workflow that ran; their text is part of every result's digest

    @property
    def results(self) -> Path:
        """The folder of all studies' results."""
        return self.folder / self.study.results_dir

    def plan(self) -> Plan:
        """Its paths as they are with the current config, code and proteins; relative ones count from `folder`."""
        with chdir(self.folder):
            return Plan(self.study, collect_inputs(self.study), scripts=self.scripts)


def locate(config: Path, directory: Path | None = None) -> Place:
    """The place of a config's study. Raises UserError if nothing was run in `directory`, or anywhere near.

    directory: where Snakemake ran, if that is neither the current folder nor the config's nor one above it.
    """
    study = load(config)
    folders = [directory.absolute()] if directory else _near(config)
    exact = snapshot_file(study)
    for folder in folders:
        if (folder / exact).is_file():
            return _place(study, folder, folder / exact, fixed=directory is not None)
    for folder in folders:
        if earlier := max((folder / exact.parent).glob("*.json"), key=lambda p: p.stat().st_mtime, default=None):
            return _place(study, folder, earlier, fixed=directory is not None)
    looked = ", ".join(str(place) for place in dict.fromkeys(folder / exact.parent for folder in folders))
    raise UserError(
        f"{config}: nothing was run with this config: there is no {looked}; run `snakemake --cores all` first, or say "
        f"with --directory in which folder it ran"
    )


def _near(config: Path) -> list[Path]:
    return list(dict.fromkeys([Path.cwd(), *config.absolute().parents]))


def _place(study: Study, folder: Path, snapshot: Path, *, fixed: bool) -> Place:
    """The place that a run noted, as far as it is still there; `folder` says nothing where results_dir is absolute."""
    take_code_digests(snapshot)
    noted = {key: Path(path) for key, path in read_json(snapshot).items() if key in ("folder", "scripts")}
    there = {key: path for key, path in noted.items() if path.is_dir()}
    if study.results_dir.is_absolute() and not fixed:
        folder = there.get("folder", folder)
    return Place(study, folder, there.get("scripts") or shipped_folder() / "workflow" / "scripts")
