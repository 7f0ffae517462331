"""In which order, and how often, an epoch takes the training proteins: each once, or each family as often as another."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..config.study import Variant

Indices = NDArray[np.int64]


def sampling_families(variant: Variant, ids: Sequence[str], *, clusters: Mapping[str, int]) -> Indices | None:
    """(n,) cluster numbers of proteins that are drawn by cluster; None where `variant.sampling` takes each once."""
    return None if variant.sampling == "by_protein" else np.array([clusters[id_] for id_ in ids], dtype=np.int64)


def epoch_order(rows: Indices, families: Indices | None, generator: np.random.Generator) -> Indices:
    """(m,) the rows (m,) of one epoch in a random order.

    families: (n,) of all rows, or None for every row once. With families c of them are gone through in random order, again and
    again until there are m rows, so that each is taken floor(m / c) or one more times; its members take turns, in
    a random order of their own. A batch of at most c rows hardly ever holds two of one family.
    """
    if families is None:
        return generator.permutation(rows)
    numbers, code = np.unique(families[rows], return_inverse=True)
    shuffled = generator.permutation(len(rows))
    by_family = shuffled[np.argsort(code[shuffled], kind="stable")]  # places in rows, family after family
    size = np.bincount(code)
    start = np.cumsum(size) - size
    rounds = -(-len(rows) // len(numbers))
    family = np.concatenate([generator.permutation(len(numbers)) for _ in range(rounds)])[: len(rows)]
    turn = np.repeat(np.arange(rounds), len(numbers))[: len(rows)]
    return rows[by_family[start[family] + turn % size[family]]]
