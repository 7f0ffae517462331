"""Texts of similar length in one batch, so that padding costs little and changes nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...errors import UserError

if TYPE_CHECKING:
    import torch

TOKEN_BUDGET = {"cpu": 1024, "cuda": 4096}  # tokens of a pass; more is no faster on a processor (benchmarks/text.md)
_SMALL, _SMALL_BUDGET = 1024, 16_384  # width of a model below which a GPU wants more tokens at once, and how many
_UNREAD = 2**28  # bytes of rows that wait on a GPU
_COST_OF_A_BATCH = 96  # tokens that could be read in the time that a batch costs beyond its tokens (weights, calls)


def token_budget_of(device: str, width: int) -> int:
    """Tokens of a pass, padding included, of a model with hidden states of `width` numbers, if the config does not say."""
    return _SMALL_BUDGET if device != "cpu" and width < _SMALL else TOKEN_BUDGET.get(device, TOKEN_BUDGET["cuda"])


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


def read_halving(
    read: "Callable[[list[list[int]]], torch.Tensor]", tokens: list[list[int]], *, name: str
) -> "torch.Tensor":
    """(b, ...) what `read` makes of a batch, a tensor that a GPU may still compute; halved as often as memory asks for.

    Raises UserError if one text is too much.
    """
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
    return torch.cat([read_halving(read, part, name=name) for part in (tokens[:half], tokens[half:])])


@contextmanager
def read_late(rows: "NDArray[np.float32]") -> "Iterator[Callable[[list[int], torch.Tensor], None]]":
    """A function that puts a batch's rows, which a device may still compute, at their places in `rows` (n, ...).

    They are read at the end, or when many wait. Until then nothing waits for the device: over several GPUs one takes up the
    next batch while another has the last one.
    """
    unread: list[tuple[list[int], torch.Tensor]] = []

    def take() -> None:
        for places, part in unread:
            rows[places] = part.cpu().numpy()
        unread.clear()

    def put(places: list[int], part: "torch.Tensor") -> None:
        unread.append((places, part))
        if sum(waiting.nbytes for _, waiting in unread) > _UNREAD:
            take()

    yield put
    take()


def pad_right(tokens: Sequence[Sequence[int]], *, fill: int = 0) -> "torch.Tensor":
    """(n, longest) int64, each row its tokens and then `fill`."""
    import torch

    rows = [torch.tensor(row, dtype=torch.int64) for row in tokens]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=fill)
