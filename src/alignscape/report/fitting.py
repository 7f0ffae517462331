"""What of the proteins fits into one page: all of them, else all without their longest texts, else evenly many."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from .numbers import count, listing
from .payload import pack

MOST = 14_000_000  # characters of the page's packed proteins; the page then stays below 20 MB
MEASURES = 14  # characters for each protein of what the figures add
# What a protein's page can be without, the longest first, and what it is called.
DISPENSABLE = {
    "description": "descriptions", "title": "titles of entries", "keywords": "keywords", "name": "names",
    "lost": "reasons for being left out",
}  # fmt: skip


def fitted(found: Mapping[str, Any], most: int = MOST) -> dict[str, Any]:
    """`protein_columns` that take no more than about `most` characters once they are packed.

    Adds `without`, the columns that were emptied, and `of`, the number of proteins before some were left out: every k-th
    of the ids in order stays. Equal columns give equal parts.
    """
    columns, n = dict(found["columns"]), len(found["columns"]["id"])
    sizes = {name: len(pack(values)) for name, values in columns.items()}
    fixed, without = len(pack(found["scores"])) + MEASURES * n, []
    for name in DISPENSABLE:
        if fixed + sum(sizes.values()) <= most:
            break
        columns[name], sizes[name] = [None if name == "lost" else ""] * n, 0
        without.append(name)
    kept = _evenly(n, most / max(1, fixed + sum(sizes.values())))
    scores = found["scores"] if len(kept) == n else [_some(scores, kept) for scores in found["scores"]]
    columns = columns if len(kept) == n else {name: [values[i] for i in kept] for name, values in columns.items()}
    return {**found, "columns": columns, "scores": scores, "without": without, "of": n}


def held(proteins: Mapping[str, Any]) -> str:
    """What a page has left out, in a sentence; empty if it has all."""
    n, whole, without = len(proteins["columns"]["id"]), proteins["of"], [DISPENSABLE[c] for c in proteins["without"]]
    parts = [f"{count(n)} of {count(whole)} proteins, evenly drawn from their sorted ids"] if n < whole else []
    parts += [f"no {listing(without)}"] if without else []
    if not parts:
        return ""
    return (
        f"To stay below 20 MB this page has {' and '.join(parts)}. Answers, tables and figures of pairs are of all proteins; "
        "analysis/proteins-….tsv of the study has every protein and its matches."
    )


def _evenly(n: int, share: float) -> list[int]:
    """Places of the share of n that stays."""
    wanted = n if share >= 1 else int(n * share)
    return np.linspace(0, n - 1, wanted).round().astype(int).tolist() if wanted < n else list(range(n))


def _some(scores: str, kept: list[int]) -> str:
    numbers = np.frombuffer(base64.b64decode(scores), "<i2")
    return base64.b64encode(numbers[kept].tobytes()).decode()
