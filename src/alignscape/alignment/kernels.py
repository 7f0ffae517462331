"""Alignment without training: mutual k nearest neighbours, unbiased CKA and CKNNA between raw embeddings.

Each compares which proteins are alike for one encoder with which are alike for the other, so that the dimensions need
not match. Rows are made unit vectors first: a sum readout's norm is the protein's length, and neighbours by inner
product would all be the longest protein. All in float64.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .score import NullTest, null_test

Floats = NDArray[np.float64]


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
    others = kernel - np.where(np.eye(n, dtype=bool), np.inf, 0)
    return np.argsort(-others, axis=1, kind="stable")[:, :k]


def mutual_knn(first: Floats, second: Floats, *, k: int) -> float:
    """Mean share of a protein's k nearest neighbours that both kernels (n, n) agree on, in [0, 1]; k/(n-1) at chance."""
    return MutualKnn(first, second, k)(np.arange(len(first)))


def unbiased_cka(first: Floats, second: Floats) -> float:
    """Centred kernel alignment with the unbiased estimator of HSIC (Song et al., 2012), at most 1; 0 at chance.

    first, second: kernels (n, n). The biased estimator grows with the embeddings' width (0.957 on noise at n = 200,
    d = 3072 and 8192). Raises ValueError for fewer than four proteins.
    """
    return UnbiasedCka(first, second)(np.arange(len(first)))


def cknna(first: Floats, second: Floats, *, k: int) -> float:
    """Centred kernel nearest-neighbour alignment (Huh et al., arXiv 2405.07987, App. A): CKA of shared neighbours only.

    first, second: kernels (n, n). Sum over the pairs (i, j) that are k nearest neighbours in both kernels of the
    product of the kernels' entries, each less the mean of its row over the others; divided by the root of the product
    of each kernel's own such sum.
    """
    return Cknna(first, second, k)(np.arange(len(first)))


class MutualKnn:
    """`mutual_knn` with the second kernel's proteins in another order, cheap for many orders."""

    def __init__(self, first: Floats, second: Floats, k: int) -> None:
        self.k, self.neighbours = k, nearest_neighbours(first, k)
        self.is_neighbour = _membership(nearest_neighbours(second, k))

    def __call__(self, order: NDArray[np.int64]) -> float:
        shared = self.is_neighbour[order[:, None], order[self.neighbours]]  # (n, k)
        return float(shared.mean())


class UnbiasedCka:
    """`unbiased_cka` with the second kernel's proteins in another order.

    HSIC = tr(KL) + (1'K1)(1'L1)/((n-1)(n-2)) - 2/(n-2) 1'KL1, over n(n-3), for kernels with a zeroed diagonal: the
    inner product of K with a recentred L, so that an order costs one product of entries.
    """

    def __init__(self, first: Floats, second: Floats) -> None:
        if len(first) < 4:
            raise ValueError(f"unbiased CKA needs at least four proteins, found {len(first)}")
        self.first, self.second = _u_centred(first), _u_centred(second)
        own = float((self.first * self.first).sum()) * float((self.second * self.second).sum())
        self.scale = own**-0.5 if own > 0 else 0.0

    def __call__(self, order: NDArray[np.int64]) -> float:
        return float(np.vdot(self.first, self.second[np.ix_(order, order)])) * self.scale


class Cknna:
    """`cknna` with the second kernel's proteins in another order, cheap for many orders."""

    def __init__(self, first: Floats, second: Floats, k: int) -> None:
        self.neighbours, other = nearest_neighbours(first, k), nearest_neighbours(second, k)
        self.first, self.second = _row_centred(first), _row_centred(second)
        self.is_neighbour = _membership(other)
        rows = np.arange(len(first))[:, None]
        own = float((self.first[rows, self.neighbours] ** 2).sum()) * float((self.second[rows, other] ** 2).sum())
        self.scale = own**-0.5 if own > 0 else 0.0

    def __call__(self, order: NDArray[np.int64]) -> float:
        rows = np.arange(len(self.first))[:, None]
        where = order[:, None], order[self.neighbours]
        products = self.first[rows, self.neighbours] * self.second[where] * self.is_neighbour[where]
        return float(products.sum()) * self.scale


def _membership(neighbours: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n, n) true where j is a neighbour of i."""
    found = np.zeros((len(neighbours), len(neighbours)), dtype=bool)
    np.put_along_axis(found, neighbours, True, axis=1)
    return found


def _row_centred(kernel: Floats) -> Floats:
    """Each entry less the mean of its row's other entries; the diagonal is of no use afterwards."""
    n = len(kernel)
    return kernel - (kernel.sum(axis=1, keepdims=True) - np.diagonal(kernel)[:, None]) / (n - 1)


def _u_centred(kernel: Floats) -> Floats:
    """The kernel centred so that inner products of two of them are n(n-3) times the unbiased HSIC (Szekely, 2014)."""
    n = len(kernel)
    zeroed = kernel - np.diag(np.diagonal(kernel))
    sums = zeroed.sum(axis=1)
    centred = zeroed - (sums[:, None] + sums[None, :]) / (n - 2) + sums.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(centred, 0)
    return centred


@dataclass(frozen=True)
class KernelScores:
    """One pair of encoders without training: each measure and its permutation null."""

    mutual_knn: float
    mutual_knn_null: NullTest
    cka: float
    cka_null: NullTest
    cknna: float
    cknna_null: NullTest
    n: int
    neighbours: int


def kernel_scores(
    structure: ArrayLike,
    text: ArrayLike,
    *,
    neighbours: int,
    permutations: int,
    generator: np.random.Generator,
    limit: int = 1000,
) -> KernelScores:
    """All three measures between raw embeddings (n, d_s) and (n, d_t), row i of both of one protein.

    neighbours: k; at most a quarter of the proteins is used. permutations: orders of the texts for the null.
    limit: of more proteins than this a random sample is taken, as the cost is of the order of n squared.
    Raises ValueError for fewer than four proteins.
    """
    structure, text = np.asarray(structure), np.asarray(text)
    chosen = np.arange(len(structure))
    if len(chosen) > limit:
        chosen = np.sort(generator.choice(len(chosen), limit, replace=False))
    kernels = gram(structure[chosen]), gram(text[chosen])
    n, k = len(chosen), max(1, min(neighbours, len(chosen) // 4))
    orders = [generator.permutation(n) for _ in range(permutations)]
    measures: dict[str, Callable[[NDArray[np.int64]], float]] = {
        "mutual_knn": MutualKnn(*kernels, k),
        "cka": UnbiasedCka(*kernels),
        "cknna": Cknna(*kernels, k),
    }
    found: dict[str, Any] = {}
    for name, measure in measures.items():
        found[name], found[f"{name}_null"] = _tested(measure, n, orders)
    return KernelScores(**found, n=n, neighbours=k)


def _tested(
    measure: Callable[[NDArray[np.int64]], float], n: int, orders: list[NDArray[np.int64]]
) -> tuple[float, NullTest]:
    observed = measure(np.arange(n))
    return observed, null_test(observed, np.array([measure(order) for order in orders]))
