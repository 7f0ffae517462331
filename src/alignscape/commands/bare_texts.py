"""How many of a study's descriptions will carry nothing but id, length and chains, looked up before anything runs."""

from typing import Any

from ..descriptions.bare import bare_ids
from ..errors import ProteinRejected
from ..plan.plan import Plan
from ..proteins.parse_shard import parse_protein
from ..proteins.sources.open import open_source
from ..proteins.sources.source import Located
from ..storage.files import read_jsonl

MOST_READ = 20  # structure files, evenly over the sorted ids


def count_bare(plan: Plan) -> tuple[int, int]:
    """Bare descriptions, and proteins looked at: all that were parsed in an earlier run, else some of the local files."""
    facts, _ = known_facts(plan)
    return len(bare_ids(facts)), len(facts)


def known_facts(plan: Plan) -> tuple[list[dict[str, Any]], bool]:
    """Facts of all proteins that an earlier run parsed, else of some of the local files; and whether it is the former."""
    parsed = [row for shard in plan.shards if plan.facts(shard).exists() for row in read_jsonl(plan.facts(shard))]
    return (parsed, True) if parsed else (_some(plan), False)


def _some(plan: Plan) -> list[dict[str, Any]]:
    if plan.downloads:
        return []
    ids = sorted(plan.inputs.file_digests)
    ids = ids[:: max(1, -(-len(ids) // MOST_READ))]
    source = open_source(plan.study.proteins, cache_dir=plan.study.cache_dir, seed=plan.study.seed)
    found = []
    for id_, located in source.fetch(ids).items():
        if isinstance(located, Located):
            try:
                (_, facts), _ = parse_protein(id_, located)
            except ProteinRejected:  # the run gives it its line
                continue
            found.append(facts.to_json())
    return found
