"""k linear layers side by side, whose weights' gradients stay in their two factors until they are used.

A batch of b rows gives a gradient of rank b: outputs' gradients transposed times inputs. It is never written out
whole on the processor: the optimizer takes it block by block, while a block is still in the cache. Each model's product
is a call of its own there, so that a model's numbers do not depend, even in the last bit, on who shares its stack.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from .fast_linear import batch_product, sums_over_rows

Where = tuple[Any, ...]  # an index into a (k, out, in) weight
_BLOCK = 1 << 20  # numbers of a gradient made at once: 4 MiB, which the last-level cache keeps
_SMALL = 1 << 13  # weights below this are not worth a call for each model


class StackedLinear:
    """weight (k, out, in) and bias (k, 1, out); after a backward pass, `gradient_blocks` gives the weight's gradient."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self.weight, self.bias = weight, bias
        self.factors: tuple[Tensor, Tensor] | None = None

    def __call__(self, x: Tensor) -> Tensor:
        """(k, b, in) to (k, b, out)."""
        return _Linear.apply(x, self.bias, self)

    @property
    def in_one_call(self) -> bool:
        """Whether all models go into one product: on a GPU, or if they are tiny."""
        return self.weight.is_cuda or self.weight[0].numel() < _SMALL

    def forward(self, x: Tensor) -> Tensor:
        """The outputs, without a gradient."""
        if self.in_one_call:
            return torch.baddbmm(self.bias, x, self.weight.transpose(1, 2))  # (k, b, out)
        found = [batch_product(rows, weight) for rows, weight in zip(x, self.weight, strict=True)]
        return torch.stack(found) + self.bias  # (k, b, out)

    def gradient_blocks(self) -> Iterator[tuple[Where, Tensor]]:
        """The weight's gradient of the last backward pass, as pieces and where in the weight they belong."""
        assert self.factors is not None, "there was no backward pass"
        x, outputs = self.factors  # (k, b, in), (k, b, out)
        if self.in_one_call:
            yield (slice(None),), torch.bmm(outputs.transpose(1, 2), x)
            return
        for model, (inputs, gradients) in enumerate(zip(x, outputs, strict=True)):
            for block, part in sums_over_rows(gradients, inputs, numbers=_BLOCK):
                yield (model, block), part


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, bias: Tensor, layer: StackedLinear) -> Tensor:
        ctx.save_for_backward(x)
        ctx.layer = layer
        return layer.forward(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, None]:
        (x,), layer = ctx.saved_tensors, ctx.layer
        layer.factors = x, gradient
        return gradient @ layer.weight if ctx.needs_input_grad[0] else None, gradient.sum(dim=1, keepdim=True), None
