"""Files that an earlier run could not download, for a passing reason or since there were none then, asked for once more."""

import sys

from ..config.proteins import SourceBlock
from ..errors import UserError
from ..proteins.sources.open import open_source
from ..proteins.sources.registry import options
from ..proteins.sources.source import Located, is_passing, read_located, write_located
from ..storage.ledger import Omission
from .plan import Plan


def ask_again(plan: Plan) -> list[str]:
    """The ids of which more is known now. The notes of their shards are written anew, so that what follows runs again.

    A shard of which nothing new is known keeps its note, and its results. What the archive did not have is asked for once
    in `ABSENT_FOR` days only: until then the source's cache answers.
    """
    notes = {path: read_located(path) for shard in plan.shards if (path := plan.located(shard)).exists()}
    lost = {i: x for known in notes.values() for i, x in known.items() if isinstance(x, Omission)}
    if not lost:
        return []
    known_now = {i: x for i, x in _fetch(plan, sorted(lost)).items() if not _waits(x) and x != lost[i]}
    for path, known in notes.items():
        news = {id_: known_now[id_] for id_ in known if id_ in known_now}
        if news:
            write_located(path, notes[path] | news)
    return sorted(known_now)


def _waits(found: Located | Omission) -> bool:
    return isinstance(found, Omission) and is_passing(found)


def _fetch(plan: Plan, ids: list[str]) -> dict[str, Located | Omission]:
    """What the source has of them, with few tries each: a run is waiting."""
    proteins = plan.study.proteins
    block: SourceBlock = options(proteins)
    retries = getattr(block, "retries", None)
    few = {} if retries is None else {proteins.source: block.model_copy(update={"retries": min(retries, 1)})}
    source = open_source(proteins.model_copy(update=few), cache_dir=plan.study.cache_dir, seed=plan.study.seed)
    try:
        return source.fetch(ids)
    except UserError as error:
        print(f"alignscape: {len(ids)} files that were not to be had are still not: {error}", file=sys.stderr)
        return {}
