"""Linear maps on the processor by oneDNN, which torch keeps for other number types, where that is faster.

For float32, torch's own products go to MKL; on an AMD processor with AVX-512 oneDNN took half their time (benchmarks/text.md).
Which of the two is taken follows from the kind of processor, by a table. Sums run in another order, so results differ in the last bits.
"""

from collections.abc import Container, Iterator
from math import inf
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from .processor import kind


class ByOneDnn(NamedTuple):
    """What oneDNN multiplies; the rest is left to torch."""

    maps: bool  # linear maps of many rows, e.g. of tokens or residues
    batches: float  # maps of a batch's few rows, as heads are trained: those of at least so many weights
    sums: bool  # sums over a batch's few rows: gradients of weights


# Measured by benchmarks/linear.py (benchmarks/linear.md, alignment.md, text.md). A kind that nobody measured has torch's own.
_NOTHING = ByOneDnn(False, inf, False)
_MEASURED = {"AMD AVX-512": ByOneDnn(True, 0, True), "AMD AVX2": ByOneDnn(False, 1 << 19, False)}


def by_one_dnn(processor: str) -> ByOneDnn:
    """What oneDNN does faster than torch on a kind of processor, as far as it is known."""
    return _MEASURED.get(processor, _NOTHING)


_HAS_ONE_DNN = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
_BFLOAT16 = _HAS_ONE_DNN and torch.ops.mkldnn._is_mkldnn_bf16_supported()
_FUSED = (torch.float32, torch.bfloat16) if _BFLOAT16 else (torch.float32,)
_BY_ONE_DNN = by_one_dnn(kind()) if _HAS_ONE_DNN else _NOTHING
_SMALL_WEIGHT = 1 << 19  # numbers of a matrix that is repacked at little cost
_SMALL = 1 << 20  # multiplications below which the call itself costs more than the product saves


def product(rows: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """(b, o) rows (b, i) times weight (o, i) transposed, plus bias (o,); float32 on the processor, without a gradient."""
    if _BY_ONE_DNN.maps:
        return _one_dnn(rows, weight, bias, "none", "")
    return functional.linear(rows, weight, bias)


def batch_product(rows: Tensor, weight: Tensor) -> Tensor:
    """(b, o) a batch's rows (b, i) times weight (o, i) transposed; float32 on the processor, without a gradient."""
    if weight.numel() >= _BY_ONE_DNN.batches:
        return _one_dnn(weight, rows, None, "none", "").T
    if weight.numel() < _SMALL_WEIGHT:
        return rows @ weight.T
    # The large matrix first: the other way around it would be repacked for every call, a third of the time.
    return functional.linear(weight, rows).T


def sums_over_rows(left: Tensor, right: Tensor, *, numbers: int) -> Iterator[tuple[slice, Tensor]]:
    """left (b, o) transposed times right (b, i), in blocks of rows of the result of about so many numbers, and which rows.

    float32 on the processor, without a gradient; b is a batch's size, some tens.
    """
    first, second = left.T, right
    if _BY_ONE_DNN.sums:
        first, second = first.contiguous(), right.T.contiguous()  # (o, b), (i, b)
    height = max(1, numbers // right.shape[1])
    for start in range(0, len(first), height):
        block = slice(start, start + height)
        yield block, _one_dnn(first[block], second, None, "none", "") if _BY_ONE_DNN.sums else first[block] @ second


def _one_dnn(rows: Tensor, weight: Tensor, bias: Tensor | None, activation: str, variant: str) -> Tensor:
    if not (weight.is_contiguous() or weight.T.is_contiguous()):
        weight = weight.contiguous()  # oneDNN takes any strides, but most of them a thousand times as long
    return torch.ops.mkldnn._linear_pointwise(rows.contiguous(), weight, bias, activation, [], variant)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`torch.nn.functional.linear`, gradients included: x (..., i), weight (o, i), bias (o,) to (..., o)."""
    if not _pays(x, weight):
        return functional.linear(x, weight, bias)
    if torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in (x, weight, bias)):
        return _Linear.apply(x, weight, bias)
    return product(x, weight, bias)


class FastLinear(nn.Linear):
    """`torch.nn.Linear` by `linear`."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        return linear(x, self.weight, self.bias)


class GeluLinear(FastLinear):
    """A linear map and the tanh form of GELU after it, in one pass over the values where no gradient is wanted."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        if _pays(x, self.weight, types=_FUSED) and not torch.is_grad_enabled():
            return _one_dnn(x, self.weight, self.bias, "gelu", "tanh")
        return functional.gelu(super().forward(x), approximate="tanh")


def fuse_gelu(model: nn.Module) -> None:
    """The gate of each gated feed-forward part, if its activation is tanh GELU (Gemma's), becomes a `GeluLinear`."""
    from transformers.activations import GELUTanh

    for part in model.modules():
        if type(getattr(part, "act_fn", None)) is GELUTanh and type(getattr(part, "gate_proj", None)) is FastLinear:
            part.gate_proj.__class__, part.act_fn = GeluLinear, nn.Identity()


def make_linears_fast(module: nn.Module) -> None:
    """Every plain `torch.nn.Linear` in the module becomes a `FastLinear`; weights and their names stay."""
    for part in module.modules():
        if type(part) is nn.Linear:
            part.__class__ = FastLinear


def _pays(x: Tensor, weight: Tensor, types: Container[torch.dtype] = (torch.float32,)) -> bool:
    return (
        _BY_ONE_DNN.maps
        and x.device.type == weight.device.type == "cpu"
        and x.dtype == weight.dtype
        and x.dtype in types
        and x.numel() * len(weight) >= _SMALL
        and not torch.is_autocast_enabled("cpu")
    )


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return product(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        rows, outputs = x.reshape(-1, x.shape[-1]), gradient.reshape(-1, gradient.shape[-1])  # (b, in), (b, out)
        for_x, for_weight, for_bias = ctx.needs_input_grad
        return (
            product(outputs, weight.T.contiguous()).view_as(x) if for_x else None,
            product(outputs.T.contiguous(), rows.T.contiguous()) if for_weight else None,
            outputs.sum(dim=0) if for_bias else None,
        )
