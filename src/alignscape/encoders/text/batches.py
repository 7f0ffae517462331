"""Texts of similar length in one batch, so that padding costs little and changes nothing."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import UserError

if TYPE_CHECKING:
    import torch

_Rows = TypeVar("_Rows", "NDArray[np.float32]", "torch.Tensor")


_COST_OF_A_BATCH = 96  # tokens that could be read in the time that a batch costs beyond its tokens (weights, calls)


def fill_batches(lengths: Sequence[int], *, token_budget: int) -> list[list[int]]:
    """Indices in batches, longest texts first; number of texts x longest text <= token_budget.

    Of all ways to cut the sorted texts, the one with the fewest padded tokens, a batch counted as 96 more. A text
    longer than the budget is a batch of its own. Ties keep their order, so equal input gives equal batches.
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    longest = np.array([lengths[i] for i in order], dtype=np.int64)
    room = np.maximum(token_budget // np.maximum(longest, 1), 1)  # texts of a batch that starts here
    cost, start = np.zeros(len(order) + 1), np.zeros(len(order) + 1, dtype=np.int64)
    for end in range(1, len(order) + 1):
        begins = np.arange(max(0, end - int(room[end - 1])), end)
        begins = begins[begins + room[begins] >= end]
        costs = cost[begins] + (end - begins) * longest[begins] + _COST_OF_A_BATCH
        best = int(np.argmin(costs))
        cost[end], start[end] = costs[best], begins[best]
    return _cut(order, start)


def _cut(order: list[int], start: NDArray[np.int64]) -> list[list[int]]:
    """The batches of a chain of cuts: the one that ends at `end` starts at `start[end]`."""
    batches, end = [], len(order)
    while end:
        batches.append(order[start[end] : end])
        end = int(start[end])
    return batches[::-1]


def read_halving(read: Callable[[list[list[int]]], _Rows], tokens: list[list[int]], *, name: str) -> _Rows:
    """(b, ...) what `read` makes of a batch, an array or a tensor that may be on a GPU still; halved as often as memory
    asks for. Raises UserError if one text is too much."""
    import torch

    try:
        return read(tokens)
    except torch.OutOfMemoryError:
        torch.cuda.empty_cache()
    if len(tokens) == 1:
        raise UserError(
            f"model {name!r}: no memory left for one text of {len(tokens[0])} tokens; use nf4 or a larger GPU"
        )
    half = len(tokens) // 2
    parts: Any = [read_halving(read, part, name=name) for part in (tokens[:half], tokens[half:])]
    return torch.cat(parts) if isinstance(parts[0], torch.Tensor) else np.concatenate(parts)


def pad_right(tokens: Sequence[Sequence[int]], *, fill: int = 0) -> "torch.Tensor":
    """(n, longest) int64, each row its tokens and then `fill`."""
    import torch

    rows = [torch.tensor(row, dtype=torch.int64) for row in tokens]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=fill)
