"""Enzyme Commission numbers as labels, the model that predicts them (RQ4), and how its predictions are scored."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...errors import UserError
from ...storage.files import read_given
from ..structure.interface import Batch, StructureEncoder

N_LEVELS = 4
_PART = re.compile(r"n?[1-9]\d*")  # n1: a preliminary number
_CLASS = re.compile(r"[1-7]")


def ec_prefixes(number: str) -> list[str]:
    """The labels of one EC number, one a level as far as it is stated: "3.2.1.-" gives 3, 3.2 and 3.2.1.

    Empty for what is no EC number.
    """
    parts = number.strip().removeprefix("EC").lstrip(" :").split(".")
    if not _CLASS.fullmatch(parts[0]):
        return []
    stated = next((i for i, part in enumerate(parts) if not _PART.fullmatch(part)), len(parts))
    return [".".join(parts[: level + 1]) for level in range(min(stated, N_LEVELS))]


def label_names(numbers: Sequence[Sequence[str]], *, levels: Sequence[int], min_proteins: int = 1) -> list[str]:
    """The labels, sorted, that at least `min_proteins` of the proteins carry, at the given levels (1 to 4).

    numbers: for each protein its EC numbers. Choose the names on training proteins only.
    """
    counts = Counter(label for ec in numbers for label in _labels(ec) if label.count(".") + 1 in levels)
    return sorted(label for label, count in counts.items() if count >= min_proteins)


def label_matrix(numbers: Sequence[Sequence[str]], names: Sequence[str]) -> NDArray[np.float32]:
    """(n, k) 1 where protein i carries label names[j], else 0. Labels without a name are left out."""
    column = {name: j for j, name in enumerate(names)}
    matrix = np.zeros((len(numbers), len(names)), dtype=np.float32)
    for row, ec in zip(matrix, numbers, strict=True):
        row[[column[label] for label in _labels(ec) if label in column]] = 1
    return matrix


def _labels(numbers: Sequence[str]) -> set[str]:
    return {label for number in numbers for label in ec_prefixes(number)}


def read_ec_table(path: str | Path) -> dict[str, list[str]]:
    """EC numbers by id from a tab-separated table: id, then numbers separated by commas, semicolons or spaces.

    Empty lines and those that begin with # are left out, and so is a heading whose first column is "id"; an id may
    have several lines. Raises UserError for a line with another number of columns or with what is no EC number.
    """
    table: dict[str, list[str]] = {}
    for n, line in enumerate(read_given(path, key="ec_table").splitlines(), start=1):
        fields = line.split("\t")
        if not line.strip() or line.startswith("#") or (n == 1 and fields[0].strip().lower() == "id"):
            continue
        if len(fields) != 2:
            raise UserError(f"{path}: line {n} has {len(fields)} columns, expected 2 (id, EC numbers): {line!r}")
        numbers = re.findall(r"[^\s,;]+", fields[1])
        for number in numbers:
            if not ec_prefixes(number):
                raise UserError(f"{path}: line {n}: {number!r} is no EC number, expected one like 3.2.1.17 or 3.2.-.-")
        table.setdefault(fields[0].strip().upper(), []).extend(numbers)
    return table


class EnzymeCommissionHead(nn.Sequential):
    """Three linear layers, ReLU between, from a protein's embedding (d) to a logit a label (k)."""

    def __init__(self, dimension: int, n_labels: int) -> None:
        super().__init__(
            nn.Linear(dimension, dimension),
            nn.ReLU(),
            nn.Linear(dimension, dimension),
            nn.ReLU(),
            nn.Linear(dimension, n_labels),
        )


class EnzymeCommissionModel(nn.Module):
    """A structure encoder and the head on its protein embeddings."""

    def __init__(self, encoder: StructureEncoder, n_labels: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = EnzymeCommissionHead(encoder.dimension, n_labels)

    def forward(self, batch: Batch) -> Tensor:
        """(n_proteins, k) logits."""
        return self.head(self.encoder.readout(self.encoder(batch), batch))

    def loss(self, batch: Batch, target: Tensor) -> Tensor:
        """Mean binary cross-entropy over proteins and labels; target (n_proteins, k) of 0 and 1."""
        return nn.functional.binary_cross_entropy_with_logits(self(batch), target)


def auprc_micro(target: NDArray[np.number], score: NDArray[np.floating] | Tensor) -> float:
    """Average precision over all (protein, label) pairs at once, in [0, 1]; at chance the share of ones.

    target, score: (n, k). Pairs of equal score count as one threshold, so their order does not matter; without ties
    this is the mean over positives of the precision at their rank. Raises ValueError without a positive.
    """
    target, score = _checked(target, score)
    order = np.argsort(-score, axis=None, kind="stable")
    hits = np.cumsum(target.ravel()[order])
    last = _last_of_ties(score.ravel()[order])
    precision = hits[last] / (last + 1)
    return float((precision * np.diff(hits[last], prepend=0)).sum() / hits[-1])


def f1_max(target: NDArray[np.number], score: NDArray[np.floating] | Tensor) -> float:
    """Largest F1 of protein-centric precision and recall over all thresholds (paper, Formulas), in [0, 1].

    target, score: (n, k); predicted is what scores at least the threshold. Precision is the mean over proteins with a
    prediction, recall the mean over all proteins. Raises ValueError for a protein without a label.
    """
    target, score = _checked(target, score)
    if not target.any(axis=1).all():
        raise ValueError(f"{int((~target.any(axis=1)).sum())} of {len(target)} proteins have no label")
    by_rank = np.argsort(-score, axis=1, kind="stable")
    hits = np.cumsum(np.take_along_axis(target, by_rank, axis=1), axis=1)  # (n, k) among a protein's best
    precision = hits / np.arange(1, target.shape[1] + 1)
    recall = hits / target.sum(axis=1, keepdims=True)
    ranked = np.take_along_axis(score, by_rank, axis=1)
    # Lowering the threshold past one score moves one protein's precision and recall by one step.
    order = np.argsort(-ranked, axis=None, kind="stable")
    last = _last_of_ties(ranked.ravel()[order])
    n_predicted = np.cumsum((np.arange(ranked.size) % ranked.shape[1] == 0)[order])[last]
    p = np.cumsum(np.diff(precision, axis=1, prepend=0).ravel()[order])[last] / n_predicted
    r = np.cumsum(np.diff(recall, axis=1, prepend=0).ravel()[order])[last] / len(target)
    return min(1.0, float((2 * p * r / np.maximum(p + r, 1e-12)).max()))  # sums of steps may round up


def prevalence_scores(target: NDArray[np.number], n: int) -> NDArray[np.float64]:
    """(n, k) scores that know nothing of a protein: each label's share in `target` (m, k). The baseline to beat."""
    return np.repeat(np.asarray(target, dtype=np.float64).mean(axis=0, keepdims=True), n, axis=0)


def _checked(
    target: NDArray[np.number], score: NDArray[np.floating] | Tensor
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both as (n, k) float64. Raises ValueError for shapes that differ, scores that are not finite, no positive."""
    if isinstance(score, torch.Tensor):
        score = score.detach().cpu().double().numpy()
    truth, scores = np.asarray(target, dtype=np.float64), np.asarray(score, dtype=np.float64)
    if truth.shape != scores.shape or truth.ndim != 2:
        raise ValueError(f"target is {truth.shape} and score {scores.shape}, expected the same (n, k)")
    if not np.isfinite(scores).all():
        raise ValueError(f"{int((~np.isfinite(scores)).sum())} of {scores.size} scores are not finite")
    if not truth.any():
        raise ValueError("no protein carries any label")
    return truth, scores


def _last_of_ties(descending: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places where a run of equal values ends."""
    return np.flatnonzero(np.append(descending[1:] != descending[:-1], True))
