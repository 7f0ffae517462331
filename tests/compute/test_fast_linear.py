"""Our linear map against torch's, with oneDNN and without."""

from math import inf

import pytest
import torch
from torch import nn
from torch.nn import functional

from alignscape.compute import fast_linear
from alignscape.compute.fast_linear import (
    ByOneDnn,
    FastLinear,
    GeluLinear,
    batch_product,
    by_one_dnn,
    fuse_gelu,
    linear,
    make_linears_fast,
    product,
    sums_over_rows,
)


@pytest.fixture(params=[True, False], ids=["oneDNN", "plain"])
def one_dnn(request, monkeypatch):
    if request.param and not fast_linear._HAS_ONE_DNN:
        pytest.skip("this build of torch has no oneDNN")
    monkeypatch.setattr(fast_linear, "_BY_ONE_DNN", ByOneDnn(request.param, 0 if request.param else inf, request.param))
    return request.param


def test_the_product_equals_one_in_double_precision(one_dnn):
    rows, weight, bias = torch.randn(31, 200), torch.randn(70, 200), torch.randn(70)
    expected = rows.double() @ weight.double().T + bias.double()
    assert torch.allclose(product(rows, weight, bias).double(), expected, atol=1e-4)


@pytest.mark.parametrize("small", [0, 1 << 19], ids=["a large weight", "a small weight"])
def test_a_batch_s_product_equals_one_in_double_precision(one_dnn, small, monkeypatch):
    """By oneDNN, and both ways around by torch."""
    monkeypatch.setattr(fast_linear, "_SMALL_WEIGHT", small)
    rows, weight = torch.randn(31, 200), torch.randn(70, 200)
    assert torch.allclose(batch_product(rows, weight).double(), rows.double() @ weight.double().T, atol=1e-4)


def test_a_kind_of_processor_that_nobody_measured_has_torch_s_own_products():
    assert by_one_dnn("Intel AVX-512") == by_one_dnn("other") == ByOneDnn(maps=False, batches=inf, sums=False)
    assert by_one_dnn("AMD AVX-512") != by_one_dnn("AMD AVX2")


@pytest.mark.parametrize("with_one_dnn", [True, False], ids=["oneDNN", "plain"])
@pytest.mark.parametrize("numbers", [1, 500, 1 << 20], ids=["a row a block", "blocks", "one block"])
def test_blocks_of_sums_over_rows_are_the_whole_product(with_one_dnn, numbers, monkeypatch):
    if with_one_dnn and not fast_linear._HAS_ONE_DNN:
        pytest.skip("this build of torch has no oneDNN")
    monkeypatch.setattr(fast_linear, "_BY_ONE_DNN", ByOneDnn(with_one_dnn, inf, with_one_dnn))
    left, right = torch.randn(31, 70), torch.randn(31, 200)
    found = torch.full((70, 200), torch.nan)
    for block, part in sums_over_rows(left, right, numbers=numbers):
        assert part.is_contiguous()
        found[block] = part
    assert torch.allclose(found.double(), left.double().T @ right.double(), atol=1e-4)


@pytest.mark.parametrize("shape", [(500, 96), (7, 60, 96), (2, 3)], ids=["rows", "batches", "small"])
@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize("transposed", [True, False])
def test_values_and_gradients_equal_torch_s(one_dnn, shape, biased, transposed):
    x = torch.randn(shape, requires_grad=True)
    weight = torch.randn((shape[-1], 50) if transposed else (50, shape[-1]), requires_grad=True)
    bias = torch.randn(50, requires_grad=True) if biased else None
    used = weight.T if transposed else weight
    ours, theirs = linear(x, used, bias), functional.linear(x, used, bias)
    assert torch.allclose(ours, theirs, atol=1e-4)
    upstream = torch.randn_like(theirs)
    leaves = [leaf for leaf in (x, weight, bias) if leaf is not None]
    for mine, expected in zip(*(torch.autograd.grad(y, leaves, upstream) for y in (ours, theirs)), strict=True):
        assert torch.allclose(mine, expected, atol=1e-3)


def test_no_rows_are_no_rows():
    assert linear(torch.empty(0, 96), torch.randn(50, 96)).shape == (0, 50)


def test_only_plain_linear_maps_are_replaced_and_their_weights_stay():
    class Own(nn.Linear):
        pass

    model = nn.Sequential(nn.Linear(96, 50), Own(50, 50), nn.ReLU())
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    x = torch.randn(500, 96)
    expected = model(x)
    make_linears_fast(model)
    assert [type(part) for part in model] == [FastLinear, Own, nn.ReLU]
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert torch.allclose(model(x), expected, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_other_number_types_are_left_to_torch(dtype):
    x, weight = torch.randn(500, 96, dtype=dtype), torch.randn(50, 96, dtype=dtype)
    assert torch.equal(linear(x, weight), functional.linear(x, weight))


@pytest.mark.parametrize(("dtype", "within"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
def test_a_gate_with_its_gelu_fused_equals_transformers_feed_forward_part(dtype, within):
    from transformers import Gemma3TextConfig
    from transformers.models.gemma3.modeling_gemma3 import Gemma3MLP

    part = Gemma3MLP(Gemma3TextConfig(hidden_size=96, intermediate_size=200)).to(dtype)
    x, few = torch.randn(5, 60, 96, dtype=dtype), torch.randn(2, 96, dtype=dtype)
    with torch.inference_mode():
        expected, expected_of_few = part(x), part(few)
    names = list(part.state_dict())
    make_linears_fast(part)
    fuse_gelu(part)
    assert type(part.gate_proj) is GeluLinear
    assert list(part.state_dict()) == names
    with torch.inference_mode():
        assert torch.allclose(part(x), expected, atol=within)
        assert torch.allclose(part(few), expected_of_few, atol=within)
    assert torch.allclose(part(x), expected, atol=within)  # a gradient may be wanted: not fused


def test_a_feed_forward_part_with_another_activation_is_left_alone():
    from transformers import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaMLP

    part = LlamaMLP(LlamaConfig(hidden_size=96, intermediate_size=200))
    make_linears_fast(part)
    fuse_gelu(part)
    assert type(part.gate_proj) is FastLinear
