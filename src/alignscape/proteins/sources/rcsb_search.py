"""Which protein entries RCSB has, and a seeded sample of them."""

import json
import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ...config.proteins import Sample
from ...errors import ProteinRejected, UserError
from ...storage.files import read_json, write_json
from .entry_ids import entry_id
from .rate_limited_http import RateLimitedClient, Unavailable, json_of

_ROWS = 10_000  # the most that one page may have


def entry_list(client: RateLimitedClient, *, search_url: str, saved: Path) -> list[str]:
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


def _search(client: RateLimitedClient, url: str) -> list[str]:
    """All ids that the search counts. Raises UserError if they cannot be had, or not all of them."""
    ids: set[str] = set()
    total, start = 1, 0
    while start < total:
        try:
            answer = client.ask(url, check=partial(_checked, start=start), json=_query(start=start))
        except Unavailable as reason:
            raise UserError(f"proteins.sample: the search API gave no answer: {reason}") from None
        page: dict[str, Any] = json.loads(answer) if answer else {"result_set": [], "total_count": 0}
        found = {entry_id(str(_identifier(item))) for item in page["result_set"]}
        total, start = page["total_count"], start + len(page["result_set"])
        if found <= ids:  # a page without a new id: there are no more, or the pages go round in a circle
            break
        ids |= found
    if not ids or len(ids) < total:
        raise UserError(f"proteins.sample: the search API listed {len(ids)} of {total} entries; try again later")
    return sorted(ids)


def _identifier(item: Any) -> Any:
    return item.get("identifier") if isinstance(item, dict) else item


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


def _checked(body: bytes, *, start: int) -> bytes:
    """The body of a page that begins at `start`. Raises ProteinRejected for one that is not what was asked for."""
    if not body:
        raise ProteinRejected("the search API's answer is empty")
    page = json_of(body, what="the search API's answer")
    if not isinstance(page, dict) or not isinstance(page.get("total_count"), int):
        raise ProteinRejected("the search API's answer is not a JSON object with a total_count")
    if not isinstance(page.get("result_set"), list) or None in map(_identifier, page["result_set"]):
        raise ProteinRejected("the search API's answer has no result_set")
    if not page["result_set"] and start < page["total_count"]:
        raise ProteinRejected(f"the search API's answer ends at entry {start} of {page['total_count']}")
    return body
