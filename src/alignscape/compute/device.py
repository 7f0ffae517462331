"""The device that models run on, and how exactly a GPU multiplies there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from .uncollected import uncollected

if TYPE_CHECKING:
    import torch

# Computing capabilities of the GPUs that do half as many products in float64 as in float32; others do one in 32 or 64.
_FAST_IN_DOUBLE = frozenset({(6, 0), (7, 0), (8, 0), (9, 0), (10, 0)})


def pick_device() -> str:
    """The device that models run on: the GPU that the job was given, or the processor."""
    with uncollected("torch"):
        import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def fast_in_double(device: "torch.device") -> bool:
    """Whether float64 costs at most a few times float32: on processors, and on GPUs made for it (P100, V100, A100, H100, B200)."""
    if device.type != "cuda":
        return True
    import torch

    return torch.cuda.get_device_capability(device) in _FAST_IN_DOUBLE


@contextmanager
def products_in(precision: Literal["tf32", "float32"]) -> Iterator[None]:
    """GPUs multiply float32 matrices, and convolve, in this precision inside; afterwards as before.

    TF32 has float32's range and float16's 10 bits after the point in the factors; sums are of float32. Processors, and GPUs
    before Ampere, compute in float32 in either case.
    """
    import torch

    switches = (torch.backends.cuda.matmul, torch.backends.cudnn.conv)
    before = [switch.fp32_precision for switch in switches]
    try:
        for switch in switches:
            switch.fp32_precision = {"tf32": "tf32", "float32": "ieee"}[precision]
        yield
    finally:
        for switch, was in zip(switches, before, strict=True):
            switch.fp32_precision = was
