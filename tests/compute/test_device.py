"""Precision of products: set inside, as before afterwards, and without effect on a processor."""

import pytest
import torch

from alignscape.compute.device import products_in


def switches() -> tuple[str, str]:
    return torch.backends.cuda.matmul.fp32_precision, torch.backends.cudnn.conv.fp32_precision


@pytest.mark.parametrize(("precision", "meant"), [("tf32", "tf32"), ("float32", "ieee")])
def test_precision_is_set_inside_and_as_before_afterwards_also_after_an_error(precision: str, meant: str) -> None:
    before = switches()
    inside = []

    def fail() -> None:
        with products_in(precision):
            inside.append(switches())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert inside == [(meant, meant)]
    assert switches() == before


def test_a_processor_multiplies_as_ever() -> None:
    torch.manual_seed(0)
    a, b = torch.randn(2, 64, 64)
    with products_in("tf32"):
        assert torch.equal(a @ b, torch.matmul(a, b))
        inside = a @ b
    assert torch.equal(inside, a @ b)
