"""One update of a LoRA run: the same gradient in whatever passes, memory that runs out, float16 that overflows."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM

from alignscape.config.encoders import FineTuning
from alignscape.encoders.text.answer_loss import n_counted, summed_loss
from alignscape.encoders.text.dialogue import IGNORED, Example
from alignscape.encoders.text.lora import _with_adapter
from alignscape.encoders.text.lora_step import Run, Standing, accumulate, in_passes, train_step
from alignscape.errors import UserError

EXAMPLES = [Example([5 + (7 * i + j) % 90 for j in range(9 + i)], [IGNORED] * 4 + [11] * (5 + i)) for i in range(8)]


@pytest.fixture
def run(tiny_model: Callable[[str], Path]) -> Callable[..., Run]:
    """A run of one epoch of steps of four texts, with weights of the given type."""

    def made(dtype: str = "float32", architecture: str = "llama", **options: Any) -> Run:
        config = FineTuning(
            name="tuned", base="tiny", compute_dtype=dtype, optimizer="adamw", accumulation=4, **options
        )
        folder, number_type = tiny_model(architecture), getattr(torch, dtype)
        whole = AutoModelForCausalLM.from_pretrained(folder, dtype=number_type, attn_implementation="eager")
        model = _with_adapter(config, whole, seed=1)
        optimizer = torch.optim.AdamW([w for w in model.parameters() if w.requires_grad], lr=1e-3)
        return Run(config, model, optimizer, EXAMPLES, [], seed=1)

    return made


@contextmanager
def rows_of_head(model: Any) -> Iterator[list[int]]:
    """The rows that the head is applied to, a number a call."""
    seen: list[int] = []
    handle = model.get_output_embeddings().register_forward_hook(
        lambda module, arguments, logits: seen.append(logits.shape[:-1].numel())
    )
    yield seen
    handle.remove()


@pytest.mark.parametrize("architecture", ["llama", "gemma2"])
def test_the_head_sees_counted_places_only_and_the_loss_is_that_of_all_logits(
    run: Callable[..., Run], architecture: str
) -> None:
    model = run(architecture=architecture).model.eval()
    with torch.no_grad(), rows_of_head(model) as seen:
        loss = float(summed_loss(model, EXAMPLES))
    assert seen == [n_counted(EXAMPLES)] == [sum(len(e.tokens) - 4 for e in EXAMPLES)]
    with torch.no_grad():
        expected = 0.0
        for example in EXAMPLES:
            log_p = model(torch.tensor([example.tokens])).logits[0].float().log_softmax(-1)
            expected -= sum(float(log_p[i - 1, label]) for i, label in enumerate(example.labels) if label != IGNORED)
    assert loss == pytest.approx(expected, rel=1e-5)


def test_texts_in_one_pass_or_in_many_have_one_gradient(run: Callable[..., Run]) -> None:
    """The step's texts one by one, as on a processor, and by tokens, as on a GPU: the same loss and gradient, to rounding."""
    examples = sorted(EXAMPLES, key=lambda example: -len(example.tokens))
    gradients, losses, numbers = [], [], []
    for tokens in (None, 40, 4096):
        made = run(dropout=0.0)
        made.model.train()
        passes = in_passes(examples, batch_size=1, pass_tokens=tokens)
        losses.append(accumulate(made.model, passes))
        gradients.append(torch.cat([w.grad.flatten() for w in made.adapter.values()]))
        numbers.append(len(passes))
    assert numbers[0] == 8 > numbers[1] > numbers[2] == 1
    assert losses[1:] == pytest.approx(losses[:1] * 2, rel=1e-5)
    assert gradients[0].abs().max() > 0
    for gradient in gradients[1:]:
        assert torch.linalg.norm(gradient - gradients[0]) < 1e-5 * torch.linalg.norm(gradients[0])


def test_memory_that_runs_out_halves_the_passes_and_changes_no_update(run: Callable[..., Run]) -> None:
    room, sizes = [2], []

    def refuse(module: object, arguments: tuple, options: dict) -> None:
        sizes.append(len(options["input_ids"]))
        if sizes[-1] > room[0]:
            raise torch.OutOfMemoryError("the test's memory is full")

    updated = []
    for tight in (False, True):
        made, standing = run(dropout=0.0), Standing("float32")
        made.pass_tokens = 4096
        if tight:
            made.model.register_forward_pre_hook(refuse, with_kwargs=True)
        train_step(made, standing)
        train_step(made, standing)
        updated.append(torch.cat([w.detach().flatten() for w in made.adapter.values()]))
    assert sizes[0] == 4
    assert max(sizes[-2:]) <= 2  # the second step begins with what the first has learnt of the memory
    assert torch.allclose(*updated, atol=1e-6)
    room[0] = 0
    with pytest.raises(UserError, match=r"no memory left for one text of 1[0-9] tokens; use nf4 or a larger GPU"):
        train_step(made, standing)


def test_float16_that_overflows_skips_the_step_and_halves_the_scale(run: Callable[..., Run]) -> None:
    """At a scale whose gradients exceed 65504 nothing is updated; at the first that fits the adapter moves."""
    made, standing = run("float16"), Standing("float16", scale=2.0**24)
    before = {name: weight.detach().clone() for name, weight in made.adapter.items()}
    for step in range(1, 3):
        train_step(made, standing)
        assert (standing.step, standing.skipped, standing.scale) == (step, step, 2.0 ** (24 - step))
    assert all(torch.equal(weight, before[name]) for name, weight in made.adapter.items())
    assert all(math.isnan(loss) for loss in standing.losses)
    standing.scale, standing.step = 2.0**10, 0
    train_step(made, standing)
    assert (standing.skipped, math.isfinite(standing.losses[-1])) == (2, True)
    assert any(not torch.equal(weight, before[name]) for name, weight in made.adapter.items())


def test_a_scale_that_was_halved_is_doubled_when_long_nothing_overflowed(run: Callable[..., Run]) -> None:
    made, standing = run("float16"), Standing("float16", scale=2.0**8, since_skipped=198)
    scales = []
    for _ in range(2):
        train_step(made, standing)
        scales.append(standing.scale)
    assert scales == [2.0**8, 2.0**9]


@pytest.mark.parametrize(("dtype", "steps"), [("float32", 0), ("float16", 1)])
def test_what_is_finite_at_no_scale_ends_in_one_line(run: Callable[..., Run], dtype: str, steps: int) -> None:
    made, standing = run(dtype), Standing(dtype, scale=2.0)
    with torch.no_grad():
        made.model.get_input_embeddings().weight.fill_(torch.inf)
    for _ in range(steps):
        train_step(made, standing)
    with pytest.raises(UserError, match=f"not finite at step {steps} in {dtype}; lower the learning rate or use"):
        train_step(made, standing)
