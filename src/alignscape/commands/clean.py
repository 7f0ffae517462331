"""Results that no current config uses, and their removal."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from ..config.study import Study
from ..inputs import collect_inputs
from ..plan import Plan, load_seen

_WHOLE_FOLDERS = ("splits", "adapters", "weights")  # everything in the folder of a current file belongs to it
_FOLDERS = ("proteins", "text", "models", "embeddings", "alignment", *_WHOLE_FOLDERS)


def latest_plans(study: Study, *, scripts: Path) -> list[Plan]:
    """The plan of this config, and the last one seen of every other study under the same results."""
    seen: dict[str, Path] = {}
    for path in sorted((study.results_dir / ".plan").glob("*.json"), key=lambda p: p.stat().st_mtime):
        seen[load_seen(path)[0].study] = path
    others = [load_seen(path) for name, path in seen.items() if name != study.study]
    return [Plan(study, collect_inputs(study), scripts=scripts), *(Plan(s, i, scripts=scripts) for s, i in others)]


def stale_files(results: Path, plans: list[Plan]) -> Iterator[Path]:
    """Files below `results` that none of the plans makes."""
    current = {path for plan in plans for path in plan.current_files()}
    stems = {(path.parent, path.name.partition(".")[0]) for path in current}
    whole = {path.parent for path in current if path.relative_to(results).parts[0] in _WHOLE_FOLDERS}
    for folder in [*_FOLDERS, *(f"{plan.study.study}/analysis" for plan in plans)]:
        for path in sorted((results / folder).rglob("*")):
            kept = (path.parent, path.name.partition(".")[0]) in stems or path.parent in whole
            if path.is_file() and not kept:
                yield path


def remove_stale(study: Study, *, dry_run: bool, say: Callable[[str], None], scripts: Path) -> None:
    """Removes them, and folders left empty; says how much that was."""
    stale = list(stale_files(study.results_dir, latest_plans(study, scripts=scripts)))
    size = sum(path.stat().st_size for path in stale)
    for path in stale if not dry_run else []:
        path.unlink()
        for parent in path.parents:
            if parent == study.results_dir or any(parent.iterdir()):
                break
            shutil.rmtree(parent)
    say(f"{'would remove' if dry_run else 'removed'} {len(stale)} files, {size / 1e6:.1f} MB")
