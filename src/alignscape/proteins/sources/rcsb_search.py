"""Which protein entries RCSB has, and a seeded sample of them."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

from ...config.proteins import Sample
from ...errors import ProteinRejected, UserError
from ...storage.files import read_json, write_json
from .rate_limited_http import PoliteClient, Unavailable

_ROWS = 10_000  # the most that one page may have


def entry_list(client: PoliteClient, *, search_url: str, saved: Path) -> list[str]:
    """Ids of all entries with at least one protein entity, sorted; asked for once, then read from `saved`.

    Delete `saved` to see entries released since. Raises UserError if the search cannot be had.
    """
    if not saved.exists():
        write_json(saved, _search(client, f"{search_url}/rcsbsearch/v2/query"))
    return list(read_json(saved))


def draw(ids: Sequence[str], sample: Sample, *, seed: int) -> list[str]:
    """`sample.n` of the ids, or of the first `sample.pool` of them, sorted; the same for the same ids and seed."""
    pool = sorted(set(ids))[: sample.pool]
    return sorted(random.Random(seed).sample(pool, min(sample.n, len(pool))))


def _search(client: PoliteClient, url: str) -> list[str]:
    ids: set[str] = set()
    total = 1
    while len(ids) < total:
        try:
            answer = client.ask(url, check=_checked, json=_query(start=len(ids)))
        except Unavailable as reason:
            raise UserError(f"proteins.sample: the search API gave no answer: {reason}") from None
        page = json.loads(answer) if answer else {}
        found = {str(item["identifier"] if isinstance(item, dict) else item) for item in page.get("result_set", [])}
        total = page.get("total_count", 0)
        if not found - ids:
            break
        ids |= found
    return sorted(id_.upper() for id_ in ids)


def _query(*, start: int) -> dict[str, object]:
    has_protein = {"attribute": "rcsb_entry_info.polymer_entity_count_protein", "operator": "greater", "value": 0}
    by_id = {"sort_by": "rcsb_entry_container_identifiers.entry_id", "direction": "asc"}
    return {
        "query": {"type": "terminal", "service": "text", "parameters": has_protein},
        "return_type": "entry",
        "request_options": {
            "paginate": {"start": start, "rows": _ROWS},
            "results_verbosity": "compact",
            "results_content_type": ["experimental"],
            "sort": [by_id],
        },
    }


def _checked(body: bytes) -> bytes:
    try:
        page = json.loads(body or b"{}")
    except ValueError:
        raise ProteinRejected("the search API's answer is not JSON") from None
    if not isinstance(page, dict):
        raise ProteinRejected("the search API's answer is not a JSON object")
    return body or b"{}"
