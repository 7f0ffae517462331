"""The fused Adam, fed in pieces, gives the numbers of torch's plain one."""

import pytest
import torch

from alignscape.compute.adam import FusedAdam


def test_many_steps_equal_torch_s_plain_adam():
    generator = torch.Generator().manual_seed(0)
    start = [torch.randn(size, generator=generator) for size in ((3, 20, 10), (3, 1, 20), (3,))]
    ours, theirs = [t.clone() for t in start], [t.clone().requires_grad_() for t in start]
    fused, plain = FusedAdam(ours, learning_rate=1e-2), torch.optim.Adam(theirs, lr=1e-2, foreach=False)
    for step in range(50):
        gradients = [torch.randn(t.shape, generator=generator) * 10 ** (step % 5 - 3) for t in start]
        for tensor, gradient in zip(theirs, gradients, strict=True):
            tensor.grad = gradient
        rows = [(model, slice(start, start + 7)) for model in range(3) for start in range(0, 20, 7)]
        blocks = [(0, where, gradients[0][where]) for where in rows]
        fused.step([*blocks, *((n, (), g) for n, g in enumerate(gradients[1:], 1))])
        plain.step()
    for a, b, first in zip(ours, theirs, start, strict=True):
        assert torch.allclose(a, b, atol=1e-6)
        assert not torch.allclose(a, first, atol=1e-2)


def test_a_piece_that_is_not_contiguous_is_an_error():
    parameter = torch.zeros(3, 4)
    with pytest.raises(ValueError, match="not contiguous"):
        FusedAdam([parameter], learning_rate=1e-2).step([(0, (slice(None), slice(0, 2)), torch.ones(3, 2))])
