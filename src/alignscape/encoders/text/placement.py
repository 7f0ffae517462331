"""On which GPUs a model's weights go: on one if it holds them, else on the fewest that do.

Layers that lie on several cards work one after the other, so a second card that is not needed only adds copies.
"""

from collections.abc import Sequence
from typing import Any

_ROOM = 1.2  # of the weights, for what is computed beside them


def place(needed: int, free: Sequence[int]) -> dict[str, Any]:
    """Options of `from_pretrained` for `needed` bytes of weights and the free bytes of each GPU.

    The GPU with the most room comes first; all of them are used where none of that is enough.
    """
    emptiest = sorted(range(len(free)), key=lambda gpu: (-free[gpu], gpu))
    enough = (n for n in range(1, len(free) + 1) if sum(free[gpu] for gpu in emptiest[:n]) >= _ROOM * needed)
    chosen = sorted(emptiest[: next(enough, len(free))])
    if len(chosen) == 1:
        return {"device_map": {"": f"cuda:{chosen[0]}"}}
    return {"device_map": "auto", "max_memory": {gpu: free[gpu] for gpu in chosen}}


def free_of_gpus() -> list[int]:
    """Free bytes of every GPU that is seen."""
    import torch

    return [torch.cuda.mem_get_info(gpu)[0] for gpu in range(torch.cuda.device_count())]
