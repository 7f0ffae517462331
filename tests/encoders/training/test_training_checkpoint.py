"""A training that is cut off at a checkpoint and gone on with ends where an unbroken one does, bit for bit."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from alignscape.encoders.training.checkpoint import load_checkpoint, read_progress, save_checkpoint

Optimizer = Callable[[Iterable[Tensor]], torch.optim.Optimizer]


def paged_adamw(weights: Iterable[Tensor]) -> torch.optim.Optimizer:
    """bitsandbytes' optimizer, which on a processor keeps its moments in ordinary memory and computes the same."""
    return pytest.importorskip("bitsandbytes").optim.PagedAdamW32bit(weights, lr=1e-2, weight_decay=0.0)


def adamw(weights: Iterable[Tensor]) -> torch.optim.Optimizer:
    return torch.optim.AdamW(weights, lr=1e-2, weight_decay=0.0)


def started(optimizer: Optimizer) -> tuple[nn.Module, torch.optim.Optimizer]:
    """A small model, one weight of which never gets a gradient, and its optimizer."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(6, 5), nn.Linear(5, 3), nn.BatchNorm1d(3))
    model.register_parameter("unused", nn.Parameter(torch.ones(2)))
    return model, optimizer(model.parameters())


def steps(model: nn.Module, optimizer: torch.optim.Optimizer, numbers: range) -> None:
    for number in numbers:
        torch.manual_seed(number)
        optimizer.zero_grad()
        model(torch.randn(4, 6)).pow(3).sum().backward()
        optimizer.step()


@pytest.mark.parametrize("optimizer", [adamw, paged_adamw])
@pytest.mark.filterwarnings("ignore:Paged optimizers")
def test_gone_on_with_is_unbroken(optimizer: Optimizer, tmp_path: Path) -> None:
    """Weights, running means and every moment are equal to the last bit, and of the same type, after three more steps."""
    path = tmp_path / "checkpoint.safetensors"
    whole, its_optimiser = started(optimizer)
    steps(whole, its_optimiser, range(6))
    cut, its_first = started(optimizer)
    steps(cut, its_first, range(3))
    save_checkpoint(path, cut.state_dict(), its_first, key="mine", progress={"step": 3})
    resumed, its_second = started(optimizer)
    assert load_checkpoint(path, resumed.state_dict(), its_second, key="mine") == {"step": 3}
    steps(resumed, its_second, range(3, 6))
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        expected, found = its_optimiser.state.get(one, {}), its_second.state.get(other, {})
        assert {k: type(v) for k, v in expected.items()} == {k: type(v) for k, v in found.items()}
        assert all(torch.equal(torch.as_tensor(v), torch.as_tensor(found[k])) for k, v in expected.items())


def test_a_checkpoint_of_another_training_or_none_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    model, optimizer = started(adamw)
    assert read_progress(path, key="mine") is None
    steps(model, optimizer, range(1))
    save_checkpoint(path, model.state_dict(), optimizer, key="other", progress={})
    before = {name: value.clone() for name, value in started(adamw)[0].state_dict().items()}
    fresh, its_optimiser = started(adamw)
    assert load_checkpoint(path, fresh.state_dict(), its_optimiser, key="mine") is None
    assert all(torch.equal(value, before[name]) for name, value in fresh.state_dict().items())
    path.write_bytes(path.read_bytes()[:100])
    assert load_checkpoint(path, fresh.state_dict(), its_optimiser, key="other") is None
