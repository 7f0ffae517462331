"""Alignment without training: mutual k nearest neighbours, unbiased CKA and CKNNA between raw embeddings.

Each compares which proteins are alike for one encoder with which are alike for the other, so that the dimensions need
not match (see `geometry`).
"""

import numpy as np
from numpy.typing import NDArray

from .geometry import Floats, Geometry

Orders = NDArray[np.int64]  # (p, n): in each row, the second side's proteins in another order
_ROWS = 128  # of a matrix that are reordered at once: they stay in the processor's cache
_DUST = 1e-12  # of the largest entry: what is left of a constant matrix after centring


def as_they_are(n: int) -> Orders:
    """The one order in which nothing is exchanged, (1, n)."""
    return np.arange(n)[None]


def mutual_knn(first: Floats, second: Floats, *, k: int) -> float:
    """Mean share of a protein's k nearest neighbours that both kernels (n, n) agree on, in [0, 1]; k/(n-1) at chance."""
    return float(MutualKnn(Geometry(first, k), Geometry(second, k))(as_they_are(len(first)))[0])


def unbiased_cka(first: Floats, second: Floats) -> float:
    """Centred kernel alignment with the unbiased estimator of HSIC (Song et al., 2012), at most 1; 0 at chance.

    first, second: kernels (n, n). The biased estimator grows with the embeddings' width (0.957 on noise at n = 200,
    d = 3072 and 8192). Raises ValueError for fewer than four proteins.
    """
    return float(UCentred(first, second)(as_they_are(len(first)))[0])


def cknna(first: Floats, second: Floats, *, k: int) -> float:
    """Centred kernel nearest-neighbour alignment (Huh et al., arXiv 2405.07987, App. A): CKA of shared neighbours only.

    first, second: kernels (n, n). Sum over the pairs (i, j) that are k nearest neighbours in both kernels of the
    product of the kernels' entries, each less the mean of its row over the others; divided by the root of the product
    of each kernel's own such sum.
    """
    return float(Cknna(Geometry(first, k), Geometry(second, k))(as_they_are(len(first)))[0])


class MutualKnn:
    """`mutual_knn` for many orders (p, n) of the second side's proteins, (p,)."""

    def __init__(self, first: Geometry, second: Geometry) -> None:
        self.neighbours, self.is_neighbour = first.neighbours, second.is_neighbour
        self.cells = self.neighbours.size

    def __call__(self, orders: Orders) -> Floats:
        shared = self.is_neighbour[orders[:, :, None], orders[:, self.neighbours]]  # (p, n, k)
        return shared.mean(axis=(1, 2))


class Cknna:
    """`cknna` for many orders (p, n) of the second side's proteins, (p,)."""

    def __init__(self, first: Geometry, second: Geometry) -> None:
        self.second, self.neighbours = second, first.neighbours
        self.cells = self.neighbours.size
        self.first, other = _row_centred(first), _row_centred(second)
        own = float((self.first**2).sum()) * float((other**2).sum())
        self.scale = own**-0.5 if own > 0 else 0.0

    def __call__(self, orders: Orders) -> Floats:
        where = orders[:, :, None], orders[:, self.neighbours]  # (p, n, k)
        products = self.second.kernel[where] - self.second.row_means[where[0]]
        products *= self.second.is_neighbour[where]
        return np.einsum("nk,pnk->p", self.first, products) * self.scale


class UCentred:
    """The correlation of two symmetric matrices (n, n) of zero diagonal, U-centred, for many orders (p, n), (p,).

    Of kernels it is unbiased CKA, of distances the bias-corrected distance correlation (Szekely and Rizzo, 2013). HSIC =
    tr(KL) + (1'K1)(1'L1)/((n-1)(n-2)) - 2/(n-2) 1'KL1, over n(n-3), for kernels with a zeroed diagonal: the inner product
    of both U-centred, of which one may be left as it is, since the other's rows sum to 0. Raises ValueError for n < 4.
    """

    cells = 1  # one order after the other: each takes n squared numbers

    def __init__(self, first: Floats, second: Floats) -> None:
        if len(first) < 4:
            raise ValueError(f"U-centred matrices are of at least four proteins, found {len(first)}")
        self.first, self.second = u_centred(first), second
        own = _norm(self.first, first) * _norm(u_centred(second), second)
        self.scale = 1 / own if own > 0 else 0.0

    def __call__(self, orders: Orders) -> Floats:
        return np.array([self._product(order) for order in orders]) * self.scale

    def _product(self, order: NDArray[np.int64]) -> float:
        """The sum over i, j of first[i, j] second[order[i], order[j]]; both are symmetric, so half of it is computed."""
        total = 0.0
        for start in range(0, len(order), _ROWS):
            end = min(start + _ROWS, len(order))
            second = self.second.take(order[start:end], axis=0).take(order[start:], axis=1)
            first, own = self.first[start:end, start:], end - start
            beside = np.einsum("ij,ij->", first[:, own:], second[:, own:])
            total += 2 * float(beside) + float(np.einsum("ij,ij->", first[:, :own], second[:, :own]))
        return total


def _row_centred(geometry: Geometry) -> Floats:
    """(n, k) the cosines with the nearest neighbours, each less the mean of its row's other entries; 0 where these are one value."""
    near = np.take_along_axis(geometry.kernel, geometry.neighbours, axis=1) - geometry.row_means[:, None]
    return np.where(np.abs(near) > _DUST, near, 0)


def u_centred(matrix: Floats) -> Floats:
    """A matrix centred so that inner products of two of them are n(n-3) times the unbiased HSIC (Szekely, 2014)."""
    n = len(matrix)
    zeroed = matrix - np.diag(np.diagonal(matrix))
    sums = zeroed.sum(axis=1)
    centred = zeroed - (sums[:, None] + sums[None, :]) / (n - 2) + sums.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(centred, 0)
    return centred


def _norm(centred: Floats, matrix: Floats) -> float:
    """Frobenius norm of a centred matrix; 0 if it was constant but for rounding."""
    norm = float(np.linalg.norm(centred))
    return norm if norm > _DUST * len(matrix) * float(np.abs(matrix).max()) else 0.0
