"""The alignment score of a model pair and what it is worth: chance, permutation null, effective rank.

All in float64. The score over the n test proteins is mean_i S_ii - mean over i != j of |S_ij| (paper Sec. 3.1).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .retrieval import mid_ranks, ties

Floats = NDArray[np.float64]
_LEAST_ROWS = 4096  # of fewer there is no reason to take some at a time


@dataclass(frozen=True, eq=False)
class ProteinScores:
    """Per test protein, (n,) each: see `result.SplitScores` for their meaning."""

    score: Floats
    negative: Floats
    negative_signed: Floats
    negative_of_text: Floats
    negative_signed_of_text: Floats
    rank_of_text: Floats
    rank_of_structure: Floats
    ties_of_text: Floats
    ties_of_structure: Floats


class NullTest(NamedTuple):
    """A score against its values under permutation: z in null standard deviations (None where they do not vary) and
    the one-sided p = (1 + draws at least as high) / (1 + draws)."""

    mean: float
    sd: float
    z: float | None
    p: float
    permutations: int


def similarity(structure: Tensor, text: Tensor) -> Floats:
    """S_ij = g_i . t_j in float64, (n, n); structure, text: (n, d) with unit rows."""
    return (structure.double() @ text.double().T).cpu().numpy()


def protein_scores(s: Floats) -> ProteinScores:
    """Scores of each protein from its test set's similarities (n, n).

    Raises ValueError for fewer than two proteins, where there is no negative.
    """
    n = len(s)
    if n < 2:
        raise ValueError(f"a negative score needs at least two proteins, found {n}")
    own = np.diagonal(s)
    return ProteinScores(
        score=own.copy(),
        negative=(np.abs(s).sum(axis=1) - np.abs(own)) / (n - 1),
        negative_signed=(s.sum(axis=1) - own) / (n - 1),
        negative_of_text=(np.abs(s).sum(axis=0) - np.abs(own)) / (n - 1),
        negative_signed_of_text=(s.sum(axis=0) - own) / (n - 1),
        rank_of_text=mid_ranks(s),
        rank_of_structure=mid_ranks(s.T),
        ties_of_text=ties(s),
        ties_of_structure=ties(s.T),
    )


def alignment_score(s: Floats) -> float:
    """pos - neg of one test set's similarities (n, n); below 0 at chance, see `chance_score`."""
    n = len(s)
    own = np.diagonal(s)
    return float(own.mean() - (np.abs(s).sum() - np.abs(own).sum()) / (n * (n - 1)))


def chance_score(dimension: int) -> float:
    """The score of random unit vectors in so many dimensions: -sqrt(2 / (pi d))."""
    return -math.sqrt(2 / (math.pi * dimension))


def permuted_scores(s: Floats, permutations: NDArray[np.integer]) -> Floats:
    """(p,) the score of one test set with structure i paired with text permutation[i], for each row of (p, n)."""
    n = len(s)
    paired = s[np.arange(n), permutations]  # (p, n)
    negative = (np.abs(s).sum() - np.abs(paired).sum(axis=1)) / (n * (n - 1))
    return paired.mean(axis=1) - negative


def random_permutations(n: int, count: int, generator: np.random.Generator) -> NDArray[np.int32]:
    """(count, n) independent permutations of range(n)."""
    orders = np.tile(np.arange(n, dtype=np.int32), (count, 1))
    return generator.permuted(orders, axis=1, out=orders)


def null_test(observed: float, null: Floats) -> NullTest:
    """Where an observed score lies among its values under permutation, (p,)."""
    mean, sd = float(null.mean()), float(null.std(ddof=1))
    z = (observed - mean) / sd if sd > 0 else None
    p = (1 + int((null >= observed).sum())) / (1 + len(null))
    return NullTest(mean, sd, z, p, len(null))


def spread(values: Sequence[float]) -> float | None:
    """Standard deviation over seeds; None of a single one."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def effective_rank(rows: Tensor) -> float:
    """How many directions the rows (n, d) use: exp of the entropy of their singular values (Roy and Vetterli, 2007).

    1 where all rows are multiples of one, at most min(n, d). The rows are not centred: heads that send every protein
    to one point have rank 1.
    """
    singular = torch.linalg.eigvalsh(_smaller_product(rows)).clamp(min=0).sqrt()
    share = singular / singular.sum()
    return float(torch.exp(-torch.special.xlogy(share, share).sum()))


def _smaller_product(rows: Tensor) -> Tensor:
    """Rows (n, d) times themselves in float64, (n, n) or (d, d), whichever is smaller; of many rows some at a time."""
    n, d = rows.shape
    if n <= d:
        return rows.double() @ rows.double().T
    parts = (part.double() for part in rows.split(max(d, _LEAST_ROWS)))
    return sum((part.T @ part for part in parts), rows.new_zeros(()).double())
