"""Texts of similar length in one batch, so that padding costs little and changes nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def fill_batches(lengths: Sequence[int], *, token_budget: int) -> list[list[int]]:
    """Indices in batches, longest texts first; number of texts x longest text <= token_budget.

    A text longer than the budget is a batch of its own. Ties keep their order, so equal input gives equal batches.
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    batches: list[list[int]] = []
    for index in order:
        if batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= token_budget:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def pad_right(tokens: Sequence[Sequence[int]], *, fill: int = 0) -> "torch.Tensor":
    """(n, longest) int64, each row its tokens and then `fill`."""
    import torch

    rows = [torch.tensor(row, dtype=torch.int64) for row in tokens]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=fill)
