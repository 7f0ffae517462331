"""The fused Adam gives the numbers of torch's plain one."""

import torch

from alignscape.alignment.adam import FusedAdam


def test_many_steps_equal_torch_s_plain_adam():
    generator = torch.Generator().manual_seed(0)
    start = [torch.randn(size, generator=generator) for size in ((3, 20, 10), (3, 1, 20), (3,))]
    ours, theirs = [t.clone() for t in start], [t.clone().requires_grad_() for t in start]
    fused, plain = FusedAdam(ours, learning_rate=1e-2), torch.optim.Adam(theirs, lr=1e-2, foreach=False)
    for step in range(50):
        gradients = [torch.randn(t.shape, generator=generator) * 10 ** (step % 5 - 3) for t in start]
        for tensor, gradient in zip(theirs, gradients, strict=True):
            tensor.grad = gradient
        fused.step(gradients)
        plain.step()
    for a, b, first in zip(ours, theirs, start, strict=True):
        assert torch.allclose(a, b, atol=1e-6)
        assert not torch.allclose(a, first, atol=1e-2)
