"""How alike one encoder's rows of the same proteins are: cosines, distances, neighbours and ranks.

Rows are made unit vectors first: a sum readout's norm is the protein's length, and neighbours by inner product would all
be the longest protein. So nothing here depends on the rows' lengths, on a rotation or on which dimension is which. All in
float64, but for ranks.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_DIGITS = 12  # of a cosine that count for ranks: equal rows have equal ranks, whatever the product's rounding


def unit_rows(rows: ArrayLike) -> Floats:
    """Rows (n, d) divided by their length; a row of zeros, which has no direction, stays one and is like no other.

    Raises ValueError for a row that is not finite.
    """
    rows = np.asarray(rows, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise ValueError(f"{int((~np.isfinite(lengths)).sum())} embeddings are not finite")
    return rows / np.where(lengths > 0, lengths, 1)


def gram(rows: ArrayLike) -> Floats:
    """Cosines of all pairs of rows (n, d), (n, n)."""
    unit = unit_rows(rows)
    return unit @ unit.T


def nearest_neighbours(kernel: Floats, k: int) -> NDArray[np.int64]:
    """(n, k) the k most similar others of each row of a kernel (n, n), best first; ties go to the lower number.

    Raises ValueError unless 1 <= k < n.
    """
    n = len(kernel)
    if not 1 <= k < n:
        raise ValueError(f"{n} proteins have 1 to {n - 1} neighbours, asked for {k}")
    others = np.array(kernel)
    np.fill_diagonal(others, -np.inf)
    best = np.sort(np.argpartition(others, n - k, axis=1)[:, n - k :], axis=1)
    values = np.take_along_axis(others, best, axis=1)
    found = np.take_along_axis(best, np.argsort(-values, axis=1, kind="stable"), axis=1)
    tied = (others >= values.min(axis=1, keepdims=True)).sum(axis=1) > k  # some of the last ones are not among the best
    found[tied] = np.argsort(-others[tied], axis=1, kind="stable")[:, :k]
    return found


@dataclass(frozen=True, eq=False)
class Geometry:
    """One encoder's cosines of n proteins, and what the measures need of them, each made once for many pairs."""

    kernel: Floats  # (n, n)
    k: int  # how many neighbours count

    @classmethod
    def of(cls, rows: ArrayLike, k: int) -> "Geometry":
        """That of rows (n, d)."""
        return cls(gram(rows), k)

    @property
    def n(self) -> int:
        """Proteins."""
        return len(self.kernel)

    @cached_property
    def neighbours(self) -> NDArray[np.int64]:
        """(n, k) the nearest others."""
        return nearest_neighbours(self.kernel, self.k)

    @cached_property
    def is_neighbour(self) -> NDArray[np.bool_]:
        """(n, n) true where j is a neighbour of i."""
        found = np.zeros(self.kernel.shape, dtype=bool)
        np.put_along_axis(found, self.neighbours, True, axis=1)
        return found

    @cached_property
    def row_means(self) -> Floats:
        """(n,) mean cosine with the others."""
        return (self.kernel.sum(axis=1) - np.diagonal(self.kernel)) / (self.n - 1)

    @cached_property
    def distances(self) -> Floats:
        """(n, n) Euclidean distances of the unit rows."""
        found = np.sqrt(np.maximum(2 - 2 * self.kernel, 0))
        np.fill_diagonal(found, 0)
        return found

    @cached_property
    def ranks(self) -> NDArray[np.float32]:
        """(n, n) from 1, the nearest: which neighbour of i is j; equally near ones share the mean of their ranks; 0 for i."""
        from scipy.stats import rankdata  # only where ranks are asked for

        kernel = np.round(self.kernel, _DIGITS)
        np.fill_diagonal(kernel, np.inf)
        return (rankdata(-kernel, axis=1) - 1).astype(np.float32)

    @cached_property
    def nearest(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """i, j, share (m,): the nearest j of each i, with equal shares where several are equally near."""
        others = np.where(np.eye(self.n, dtype=bool), np.float32(np.inf), self.ranks)
        i, j = np.nonzero(others == others.min(axis=1, keepdims=True))
        return i, j, 1 / np.bincount(i, minlength=self.n)[i]
