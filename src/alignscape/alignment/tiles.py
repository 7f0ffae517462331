"""Scores of a test set from its similarities, some rows at a time: the (n, n) of them are never in memory at once.

Gives what `score.protein_scores` and `score.permuted_scores` give for the whole of `score.similarity`. All in float64,
but for the products on a GPU that is slow in it: there they are in float32, summed in float64, and what decides a rank is
computed again in float64 wherever float32 might decide otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..compute.device import fast_in_double
from .retrieval import TIE

Floats = NDArray[np.float64]
_AT_ONCE = {"cpu": 1 << 19, "cuda": 1 << 27}  # similarities in a tile: 4 MB, near a processor's caches; 1 GB on a GPU
_LEAST_ROWS = 256  # a product of fewer rows takes longer for each
_COLUMNS = 4096  # texts that are made float64 at once
_NUMBERS = 1 << 24  # numbers of vectors that are gathered at once, where single products are computed again


@dataclass(frozen=True, eq=False)
class TestSetScores:
    """Of n test proteins: values by name, (n,) each, as in `score.ProteinScores`, and (p,) scores under permutation."""

    by_protein: dict[str, Floats]
    permuted: Floats


def scores_of(
    structure: Tensor,
    text: Tensor,
    *,
    ranked: bool,
    permutations: NDArray[np.integer] | None = None,
    products: torch.dtype | None = None,
) -> TestSetScores:
    """What a test set's unit rows of structure and text (n, d) score.

    ranked: with ranks and ties. permutations: (p, n) orders of the texts, see `score.permuted_scores`.
    products: number type of the similarities; by the device if absent.
    Raises ValueError for fewer than two proteins, where there is no negative.
    """
    n = len(structure)
    if n < 2:
        raise ValueError(f"a negative score needs at least two proteins, found {n}")
    if products is None:
        products = torch.float64 if fast_in_double(structure.device) else torch.float32
    own = torch.cat([_dots(structure[rows], text[rows]) for rows in _pieces(n, max(1, _NUMBERS // structure.shape[1]))])
    sums, ranks = _Sums(own), _Ranks(structure, text, own) if ranked else None
    orders = None if permutations is None else torch.from_numpy(permutations).to(own.device)
    null = _Null(own, orders)
    for rows in _pieces(n, max(_LEAST_ROWS, _AT_ONCE[own.device.type] // n)):
        s = _similarities(structure[rows], text, products)
        sums.add(rows, s)
        null.add(rows, s)
        if ranks is not None:
            ranks.add(rows, s)
    values = sums.values() | ({} if ranks is None else ranks.values())
    return TestSetScores({name: value.cpu().numpy() for name, value in values.items()}, null.scores(sums.total))


def _pieces(n: int, size: int) -> Iterator[slice]:
    return (slice(start, min(n, start + size)) for start in range(0, n, size))


def _dots(a: Tensor, b: Tensor) -> Tensor:
    """(m,) products of row i of both, in float64."""
    return (a.double() * b.double()).sum(dim=1)


def _similarities(structure: Tensor, text: Tensor, products: torch.dtype) -> Tensor:
    """(r, n) of some rows with all texts."""
    rows = structure.to(products)
    return torch.cat([rows @ text[piece].to(products).T for piece in _pieces(len(text), _COLUMNS)], dim=1)


class _Sums:
    """Sums of rows and columns, with and without sign."""

    def __init__(self, own: Tensor) -> None:
        self.own = own
        self.of_structure, self.of_structure_signed, self.of_text, self.of_text_signed = (
            torch.zeros_like(own) for _ in range(4)
        )

    def add(self, rows: slice, s: Tensor) -> None:
        """One tile."""
        self.of_structure_signed[rows] = s.sum(dim=1, dtype=torch.float64)
        self.of_text_signed += s.sum(dim=0, dtype=torch.float64)
        size = s.abs()
        self.of_structure[rows] = size.sum(dim=1, dtype=torch.float64)
        self.of_text += size.sum(dim=0, dtype=torch.float64)

    @property
    def total(self) -> Tensor:
        """Of all |S_ij|."""
        return self.of_structure.sum()

    def values(self) -> dict[str, Tensor]:
        """The own similarity of each protein, and the means over the others."""
        others = len(self.own) - 1
        return {
            "score": self.own,
            "negative": (self.of_structure - self.own.abs()) / others,
            "negative_signed": (self.of_structure_signed - self.own) / others,
            "negative_of_text": (self.of_text - self.own.abs()) / others,
            "negative_signed_of_text": (self.of_text_signed - self.own) / others,
        }


class _Null:
    """Scores with the texts in other orders (p, n)."""

    def __init__(self, own: Tensor, orders: Tensor | None) -> None:
        self.n, self.orders = len(own), orders
        self.positive, self.size = (own.new_zeros(0 if orders is None else len(orders)) for _ in range(2))

    def add(self, rows: slice, s: Tensor) -> None:
        """One tile."""
        if self.orders is None:
            return
        paired = s.gather(1, self.orders[:, rows].T.long())  # (r, p)
        self.positive += paired.sum(dim=0, dtype=torch.float64)
        self.size += paired.abs().sum(dim=0, dtype=torch.float64)

    def scores(self, total: Tensor) -> Floats:
        """(p,), given the sum of all |S_ij|."""
        found = self.positive / self.n - (total - self.size) / (self.n * (self.n - 1))
        return found.cpu().numpy()


class _Ranks:
    """How many of each row and column are higher than the own similarity, and how many as high."""

    def __init__(self, structure: Tensor, text: Tensor, own: Tensor) -> None:
        self.structure, self.text, self.own = structure, text, own
        counts = torch.zeros(2, len(own), dtype=torch.int64, device=own.device)
        self.higher = dict(zip(("of_text", "of_structure"), counts, strict=True))
        self.as_high = {way: torch.zeros_like(count) for way, count in self.higher.items()}
        # What a float32 product of unit rows can be off by, twice: the own similarity is rounded too.
        self.doubt = 2 * (structure.shape[1] + 2) * 2.0**-24

    def add(self, rows: slice, s: Tensor) -> None:
        """One tile."""
        for way, own, axis in (("of_text", self.own[rows, None], 1), ("of_structure", self.own, 0)):
            where: Any = rows if axis == 1 else slice(None)
            higher, as_high = self._counts(rows, s, own, axis)
            self.higher[way][where] += higher
            self.as_high[way][where] += as_high

    def _counts(self, rows: slice, s: Tensor, own: Tensor, axis: int) -> tuple[Tensor, Tensor]:
        """Of a tile's rows (axis 1) or columns (axis 0): how many are higher than the own similarity, and how many as high."""
        if s.dtype == torch.float64:
            higher = (s > own + TIE).sum(dim=axis)
            return higher, (s >= own - TIE).sum(dim=axis) - higher
        off = s - own.to(s.dtype)
        doubtful = (off.abs() <= self.doubt + TIE).nonzero()
        if 64 * len(doubtful) > s.numel():  # heads that send all to one point
            return self._counts(rows, _similarities(self.structure[rows], self.text, torch.float64), own, axis)
        higher = (off > self.doubt + TIE).sum(dim=axis)
        as_high = torch.zeros_like(higher)
        for piece in _pieces(len(doubtful), max(1, _NUMBERS // self.text.shape[1])):
            i, j = doubtful[piece].T
            exact = _dots(self.structure[rows][i], self.text[j]) - own.expand(s.shape)[i, j]
            counted = i if axis == 1 else j
            higher.index_add_(0, counted, (exact > TIE).long())
            as_high.index_add_(0, counted, (exact.abs() <= TIE).long())
        return higher, as_high

    def values(self) -> dict[str, Tensor]:
        """Mid-ranks, as `retrieval.mid_ranks`, and the number of others as high."""
        tied = {way: (count - 1).double() for way, count in self.as_high.items()}  # the own one is as high as itself
        ranks = {f"rank_{way}": 1 + self.higher[way] + tied[way] / 2 for way in tied}
        return ranks | {f"ties_{way}": value for way, value in tied.items()}
