"""Which proteins a test protein's heads were trained on, and how many of them share something with it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...alignment.split import Split


@dataclass(frozen=True, eq=False)
class Training:
    """The training proteins behind each test protein of one split. f folds (1 without k-fold), n proteins."""

    ids: list[str]  # (n,)
    fold: NDArray[np.int64]  # (n,) fold that tests the protein, -1 if it is never tested
    training: NDArray[np.bool_]  # (f, n) proteins that the fold's heads were trained on

    @property
    def tested(self) -> list[str]:
        """Ids of the proteins that are tested."""
        return [i for i, fold in zip(self.ids, self.fold, strict=True) if fold >= 0]

    def counts(self, keys: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
        """For each test protein, how many training proteins have each of its keys. keys: by id; an id may have none."""
        seen = [self._count(keys, row) for row in self.training]
        folds = dict(zip(self.ids, self.fold.tolist(), strict=True))
        return {i: {key: seen[folds[i]][key] for key in set(keys.get(i, ()))} for i in self.tested}

    def _count(self, keys: Mapping[str, Sequence[str]], row: NDArray[np.bool_]) -> Counter[str]:
        # A protein counts once for a key, however many of its entities have it.
        return Counter(key for i, used in zip(self.ids, row, strict=True) if used for key in set(keys.get(i, ())))


def training_of(split: Split) -> Training:
    """The training proteins of a split; validation proteins are not among them."""
    runs = split.runs
    fold = np.full(len(split.ids), -1)
    training = np.zeros((len(runs), len(split.ids)), dtype=bool)
    for number, run in enumerate(runs):
        fold[run.test] = number
        training[number, run.train] = True
    return Training(list(split.ids), fold, training)
