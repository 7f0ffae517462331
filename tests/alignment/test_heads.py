"""Heads: the paper's widths, torch's initialisation, gradients as autograd's, export."""

import pytest
import torch

from alignscape.alignment.heads import (
    Heads,
    HeadShape,
    hidden_sizes,
    initial_heads,
    load_heads,
    project,
    save_heads,
)
from alignscape.compute import stacked_linear
from alignscape.compute.stacked_linear import StackedLinear

PAPER = {  # paper A.4: LLM dimension: GearNet's two, then the others' two
    2304: ([2560], [2816, 2560], [1024], [512, 1024]),
    4096: ([3584], [3584, 3840], [2048], [512, 2048]),
    8192: ([4096], [4096, 6144], [4096], [1024, 4096]),
}


@pytest.mark.parametrize("dimension", PAPER)
def test_the_rule_gives_back_every_width_of_the_paper(dimension):
    two, three, narrow_two, narrow_three = PAPER[dimension]
    assert hidden_sizes(3072, dimension, 2) == two
    assert hidden_sizes(3072, dimension, 3) == three
    for encoder in (148, 128, 64):
        assert hidden_sizes(encoder, dimension, 2) == narrow_two
        assert hidden_sizes(encoder, dimension, 3) == narrow_three


@pytest.mark.parametrize("structure", [1, 22, 64, 128, 148, 512, 3072])
@pytest.mark.parametrize("dimension", [1, 2, 50, 576, 640, 2304])
def test_the_rule_gives_positive_widths_for_any_dimensions(structure, dimension):
    assert hidden_sizes(structure, dimension, 1) == []
    for layers in (2, 3):
        widths = hidden_sizes(structure, dimension, layers)
        assert len(widths) == layers - 1
        assert all(0 < width <= max(1, 1.5 * dimension) for width in widths)


def test_four_layers_are_an_error():
    with pytest.raises(ValueError, match="1, 2 or 3 layers, found 4"):
        hidden_sizes(128, 576, 4)


def test_initial_numbers_are_spread_as_torch_s_and_do_not_depend_on_the_stack():
    shape = HeadShape.of(300, 200, layers=2)
    stack, alone = initial_heads(shape, [[1, 0], [1, 1], [1, 2]]), initial_heads(shape, [[1, 1]])
    for ours, one in zip(stack.tensors, alone.tensors, strict=True):
        assert torch.equal(ours[1:2], one)
        assert not torch.equal(ours[0], ours[1])
    for layer in stack.layers:
        reference = torch.nn.Linear(layer.weight.shape[2], layer.weight.shape[1])
        assert layer.weight.std().item() == pytest.approx(reference.weight.std().item(), rel=0.05)
        assert layer.weight.abs().max() <= layer.weight.shape[2] ** -0.5
        assert layer.bias.abs().max() <= layer.weight.shape[2] ** -0.5
    assert sum(t[0].numel() for t in stack.tensors) == shape.parameters


def reference_modules(heads: Heads, number: int):
    modules = []
    for layer in heads.layers:
        linear = torch.nn.Linear(layer.weight.shape[2], layer.weight.shape[1])
        linear.weight.data, linear.bias.data = layer.weight[number].clone(), layer.bias[number, 0].detach().clone()
        modules.append(linear)
    between = [m for linear in modules[:-2] for m in (linear, torch.nn.ReLU())]
    return torch.nn.Sequential(*between, modules[-2]), modules[-1]


def gradient_of(layer: StackedLinear) -> torch.Tensor:
    whole = torch.full_like(layer.weight, torch.nan)
    for where, block in layer.gradient_blocks():
        assert whole[where].isnan().all()
        whole[where] = block
    return whole


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("structure", [24, 3000])  # all models in one product; a call a model, in several blocks
def test_outputs_and_gradients_equal_torch_s_own_modules(layers, structure, monkeypatch):
    monkeypatch.setattr(stacked_linear, "_BLOCK", 4 * structure)
    heads = initial_heads(HeadShape.of(structure, 16, layers=layers), [[0], [1]])
    for layer in heads.layers:
        layer.bias.requires_grad_()
    x, y, weight = torch.randn(2, 5, structure), torch.randn(2, 5, 16), torch.randn(2, 5, 16)
    ((heads.structure(x) * heads.text(y)) * weight).sum().backward()
    for number in range(2):
        modules, text = reference_modules(heads, number)
        assert torch.allclose(heads.structure(x)[number], modules(x[number]), atol=1e-5)
        ((modules(x[number]) * text(y[number])) * weight[number]).sum().backward()
        expected = [m for m in modules if isinstance(m, torch.nn.Linear)] + [text]
        for layer, module in zip(heads.layers, expected, strict=True):
            assert torch.allclose(gradient_of(layer)[number], module.weight.grad, atol=1e-4)
            assert torch.allclose(layer.bias.grad[number, 0], module.bias.grad, atol=1e-4)


def test_saved_heads_come_back_and_load_into_plain_torch(tmp_path):
    heads = initial_heads(HeadShape.of(24, 16, layers=3), [[0], [1]]).model(1)
    save_heads(tmp_path / "heads.safetensors", heads, {"pair": "a to b"})
    loaded, card = load_heads(tmp_path / "heads.safetensors")
    x, y = torch.randn(7, 24), torch.randn(7, 16)
    assert card == {"pair": "a to b"}
    for ours, theirs in zip(project(heads, x, y), project(loaded, x, y), strict=True):
        assert torch.equal(ours, theirs)
        assert torch.allclose(ours.norm(dim=1), torch.ones(7))


def test_a_stack_is_not_saved_as_one_model(tmp_path):
    with pytest.raises(ValueError, match="stack of 2"):
        save_heads(tmp_path / "heads.safetensors", initial_heads(HeadShape.of(4, 4), [[0], [1]]), {})
