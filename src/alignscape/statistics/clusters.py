"""Proteins in their sequence clusters, the units that are drawn again: proteins of one family are not independent."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Clusters:
    """The cluster of each of n proteins; c clusters, none of them empty."""

    codes: NDArray[np.int64]  # (n,), 0 to c - 1

    @classmethod
    def of(cls, labels: Sequence[int] | Sequence[str] | NDArray) -> "Clusters":
        """Clusters of proteins (n,) that have the same label, numbered as they come."""
        _, first, codes = np.unique(np.asarray(labels), return_index=True, return_inverse=True)
        return cls(np.argsort(np.argsort(first))[codes.reshape(-1)])

    @classmethod
    def alone(cls, n: int) -> "Clusters":
        """Every protein a cluster of its own."""
        return cls(np.arange(n))

    @property
    def n(self) -> int:
        """Proteins."""
        return len(self.codes)

    @property
    def count(self) -> int:
        """Clusters."""
        return len(self.sizes)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Proteins in each cluster (c,)."""
        return np.bincount(self.codes)

    @property
    def effective(self) -> float:
        """Clusters of equal size that would tell as much, if the proteins of one cluster were all alike."""
        return self.n**2 / float((self.sizes.astype(float) ** 2).sum()) if self.n else 0.0

    def sums(self, values: ArrayLike) -> Floats:
        """Sums (..., c) of values (..., n) over the members of each cluster."""
        order, starts = self._order
        return np.add.reduceat(np.asarray(values, dtype=np.float64)[..., order], starts, axis=-1)

    @cached_property
    def _order(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return np.argsort(self.codes, kind="stable"), np.concatenate([[0], np.cumsum(self.sizes)[:-1]])

    def take(self, places: NDArray | slice) -> "Clusters":
        """The clusters of some of the proteins; places: indices, a mask or a slice."""
        return Clusters.of(self.codes[places])
