"""The number type in which a processor or a GPU computes fast: by what it can do, never by a measurement.

A measurement comes out one way on an idle machine and another on a busy one, and would make the same study twice.
"""

from collections.abc import Container
from typing import Literal

NumberType = Literal["float32", "bfloat16", "float16"]

# What a processor must have for a type; the first line that fits counts. Without such instructions bfloat16 is emulated:
# products took 8 to 10 times as long as in float32 on a processor with AVX2, a training step 17 to 21 times.
_PROCESSORS: tuple[tuple[str, NumberType], ...] = (("avx512_bf16", "bfloat16"), ("amx_tile", "bfloat16"))
# Compute capability from which a GPU has a type. Before Ampere (8.0) bfloat16 is emulated.
_GPUS: tuple[tuple[tuple[int, int], NumberType], ...] = (((8, 0), "bfloat16"), ((0, 0), "float16"))


def of_processor(features: Container[str]) -> NumberType:
    """The fast type of a processor with these features, called as torch calls them; float32 where none is in the table."""
    return next((number_type for feature, number_type in _PROCESSORS if feature in features), "float32")


def of_gpu(capability: tuple[int, int]) -> NumberType:
    """The fast 16-bit type of a GPU of this compute capability (major, minor)."""
    return next(number_type for lowest, number_type in _GPUS if capability >= lowest)


def fast_number_type(device: str) -> NumberType:
    """The fast type of "cpu", "cuda:N" or "cuda"; the last is every GPU that is seen, of which the oldest decides."""
    import torch

    if device == "cpu":
        return of_processor(_features())
    places = [torch.device(device).index] if ":" in device else range(torch.cuda.device_count())
    return of_gpu(min(torch.cuda.get_device_capability(place) for place in places))


def _features() -> set[str]:
    """Features of this processor that torch makes use of: none of AVX-512's where it keeps to AVX2 (ATEN_CPU_CAPABILITY)."""
    import torch

    if torch.backends.cpu.get_cpu_capability() != "AVX512":
        return set()
    has = {"avx512_bf16": torch.cpu._is_avx512_bf16_supported(), "amx_tile": torch.cpu._is_amx_tile_supported()}
    return {name for name, there in has.items() if there}
