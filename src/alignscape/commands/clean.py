"""Results that no current config uses, and their removal."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir
from pathlib import Path

from ..config.study import SHARED_FOLDERS
from ..errors import UserError
from ..plan.plan import Plan
from ..plan.snapshot import load_snapshot
from ..storage.files import read_json
from .locate import Place

_WHOLE_FOLDERS = (
    "clusters",
    "splits",
    "adapters",
    "weights",
)  # everything in the folder of a current file belongs to it
_OLD = "0.1."  # its rows have other paths than this version's, though they may have taken days to compute


def remove_stale(
    place: Place,
    *,
    say: Callable[[str], None],
    dry_run: bool = False,
    remove_old: bool = False,
    ask: Callable[[str], bool] | None = None,
) -> None:
    """Removes what no current config uses, and folders left empty; says how much that was.

    Rows made by version 0.1 go only with `remove_old`, or if `ask`, put before a person, says yes.
    """
    with chdir(place.folder):
        results = place.study.results_dir
        found = list(stale_files(results, latest_plans(place, say=say)))
        old = [path for path in found if made_by_old(path)]
        rest = sorted(set(found) - set(old))
        say(f"{'would remove' if dry_run else 'removed'} {_remove(rest, results, dry_run=dry_run)}")
        if not old:
            return
        encoders = ", ".join(sorted({path.parts[-3] for path in old}))
        size = _remove(old, results, dry_run=True)
        what = f"{(results / 'embeddings').absolute()}: {size} of embeddings made by alignscape 0.1 ({encoders})"
        if dry_run:
            say(f"{what} would be {'removed' if remove_old else 'kept; --remove-old removes them'}")
        elif remove_old or (ask is not None and ask(f"{what}, which this version does not use. Remove them?")):
            _remove(old, results, dry_run=False)
            say(f"{what} removed")
        else:
            say(f"{what} kept; --remove-old removes them")


def latest_plans(place: Place, *, say: Callable[[str], None]) -> list[Plan]:
    """The plan of this config, and the last one seen of every other study under the same results."""
    latest: dict[str, Plan] = {}
    for path in sorted((place.study.results_dir / ".plan").glob("*.json"), key=lambda p: p.stat().st_mtime):
        try:
            study, inputs = load_snapshot(path)
        except (UserError, ValueError, KeyError, TypeError):
            say(
                f"{path}: noted by another version of alignscape, or with a plug-in that is not installed; what only "
                "that run used counts as not used"
            )
            continue
        latest[study.study] = Plan(study, inputs, scripts=place.scripts)
    return [place.plan(), *(plan for name, plan in latest.items() if name != place.study.study)]


def stale_files(results: Path, plans: list[Plan]) -> Iterator[Path]:
    """Files below `results` that none of the plans makes."""
    current = {path for plan in plans for path in plan.current_files()}
    stems = {(path.parent, path.name.partition(".")[0]) for path in current}
    whole = {path.parent for path in current if path.relative_to(results).parts[0] in _WHOLE_FOLDERS}
    for folder in [*SHARED_FOLDERS, *(f"{plan.study.study}/analysis" for plan in plans)]:
        for path in sorted((results / folder).rglob("*")):
            kept = (path.parent, path.name.partition(".")[0]) in stems or path.parent in whole
            if path.is_file() and not kept:
                yield path


def made_by_old(path: Path) -> bool:
    """Whether a file is an embedding's, rows or sidecar, and the sidecar names version 0.1 as what made it."""
    if path.parts[-4:-3] != ("embeddings",):  # embeddings/<encoder>/<digest>/<file>
        return False
    try:
        made = read_json(path.with_suffix(".json"))
        return "weights_state" in made and str(made["versions"].get("alignscape", _OLD)).startswith(_OLD)
    except (OSError, json.JSONDecodeError, TypeError, KeyError, AttributeError):
        return False


def _remove(paths: Sequence[Path], results: Path, *, dry_run: bool) -> str:
    """How many files and megabytes that was, or would be."""
    size = sum(path.stat().st_size for path in paths)
    for path in paths if not dry_run else []:
        path.unlink()
        for parent in path.parents:
            if parent == results or any(parent.iterdir()):
                break
            parent.rmdir()
    return f"{len(paths)} files, {size / 1e6:.1f} MB"
