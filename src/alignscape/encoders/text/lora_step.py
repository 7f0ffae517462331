"""One update of a LoRA run: a step's texts in passes that fit the device, and gradients that stay finite in half precision."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...compute.number_types import NumberType
from ...config.encoders import FineTuning
from ...errors import UserError
from .answer_loss import n_counted, summed_loss
from .batches import fill_batches
from .dialogue import Example

# Tokens of a pass on a GPU, which reads all weights in each. A processor takes `batch_size` texts: more are no faster there.
PASS_TOKENS = {"cuda": 4096}
# Half-precision gradients of one token in many thousands vanish below 6e-8, so they are scaled up and back.
_SCALE = 2.0**10
_STEPS_BEFORE_DOUBLING = 200  # without an overflow, after one


@dataclass
class Standing:
    """Steps done, in which number type, and what was measured on the way."""

    compute_dtype: NumberType
    step: int = 0
    perplexity_before: float | None = None
    losses: list[float] = field(default_factory=list)  # mean loss of a token, a value a step; not a number if skipped
    scale: float = _SCALE  # of gradients in float16
    skipped: int = 0  # steps in which a gradient overflowed
    since_skipped: int = 0  # steps since the last of them


@dataclass(eq=False)
class Run:
    """What a training run works with."""

    config: FineTuning
    model: Any
    optimizer: Any
    training: list[Example]
    held_out: list[Example]
    seed: int
    pass_tokens: int | None = None  # padding included; None: `batch_size` texts

    @property
    def steps_per_epoch(self) -> int:
        return math.ceil(len(self.training) / (self.config.batch_size * self.config.accumulation))

    @property
    def n_steps(self) -> int:
        return self.steps_per_epoch * self.config.epochs

    @property
    def adapter(self) -> dict[str, Any]:
        """The weights that are trained, by name."""
        return {name: weight for name, weight in self.model.named_parameters() if weight.requires_grad}


def train_step(run: Run, standing: Standing) -> None:
    """One update from all the step's texts; in float16 none, and half the scale from then on, where a gradient overflows.

    Raises UserError for a loss or a gradient that is not finite in another number type, or at every scale, and for a
    text that memory does not suffice for.
    """
    import torch

    run.model.train()
    for group in run.optimizer.param_groups:
        group["lr"] = run.config.learning_rate * 0.5 * (1 + math.cos(math.pi * standing.step / run.n_steps))
    loss = _gradients(run, standing)
    gradients = [weight.grad for weight in run.adapter.values() if weight.grad is not None]
    finite = math.isfinite(loss) and bool(torch.nn.utils.get_total_norm(gradients).isfinite())
    if finite:
        run.optimizer.step()
    run.optimizer.zero_grad(set_to_none=True)
    _rescale(run, standing, finite=finite)
    standing.losses.append(loss if finite else math.nan)
    standing.step += 1


def accumulate(model: Any, passes: Sequence[Sequence[Example]], *, scale: float = 1.0) -> float:
    """The mean loss of a token that counts over all passes; its gradient is added to the trained weights', times `scale`."""
    counted = n_counted([example for batch in passes for example in batch])
    losses = []
    for batch in passes:
        loss = summed_loss(model, batch) / counted
        (loss * scale).backward()
        losses.append(loss.detach())
    return float(sum(losses))  # read back once, so that a GPU need not be waited for


def texts_of_step(run: Run, step: int) -> list[Example]:
    """The texts of one step, longest first; every epoch has an order of its own."""
    epoch, place = divmod(step, run.steps_per_epoch)
    order = np.random.default_rng([run.seed, epoch]).permutation(len(run.training))
    size = run.config.batch_size * run.config.accumulation
    chosen = order[place * size : (place + 1) * size]
    return sorted((run.training[i] for i in chosen), key=lambda example: -len(example.tokens))


def in_passes(examples: Sequence[Example], *, batch_size: int, pass_tokens: int | None) -> list[list[Example]]:
    """The texts in passes of `batch_size`, or of `pass_tokens` tokens with their padding."""
    if pass_tokens is None:
        return [list(examples[start : start + batch_size]) for start in range(0, len(examples), batch_size)]
    lengths = [len(example.tokens) for example in examples]
    return [[examples[i] for i in indices] for indices in fill_batches(lengths, token_budget=pass_tokens)]


def _gradients(run: Run, standing: Standing) -> float:
    """Sets the gradients of a step; its loss. The passes are halved, for good, as often as memory asks for."""
    import torch

    examples = texts_of_step(run, standing.step)
    scale = standing.scale if run.config.compute_dtype == "float16" else 1.0
    while True:
        passes = in_passes(examples, batch_size=run.config.batch_size, pass_tokens=run.pass_tokens)
        torch.manual_seed(run.seed + 1 + standing.step)  # dropout: the same after a restart
        try:
            loss = accumulate(run.model, passes, scale=scale)
            break
        except torch.OutOfMemoryError:
            run.optimizer.zero_grad(set_to_none=True)
        torch.cuda.empty_cache()  # outside of that clause, which keeps the failed pass's memory alive
        run.pass_tokens = _half(run, passes)
    for weight in run.adapter.values():
        if weight.grad is not None:
            weight.grad /= scale
    return loss


def _half(run: Run, passes: Sequence[Sequence[Example]]) -> int:
    """Half the tokens of the largest of these passes. Raises UserError if each has one text."""
    if max(map(len, passes)) == 1:
        longest = max(len(batch[0].tokens) for batch in passes)
        raise UserError(
            f"fine_tuning {run.config.name!r}: no memory left for one text of {longest} tokens; use nf4 or a larger GPU"
        )
    return max(len(batch) * len(batch[0].tokens) for batch in passes) // 2


def _rescale(run: Run, standing: Standing, *, finite: bool) -> None:
    """Halves the scale after an overflow, and doubles it back up when that is long ago."""
    if finite:
        standing.since_skipped += 1
        if standing.scale < _SCALE and standing.since_skipped % _STEPS_BEFORE_DOUBLING == 0:
            standing.scale *= 2
        return
    standing.skipped, standing.since_skipped, standing.scale = standing.skipped + 1, 0, standing.scale / 2
    if run.config.compute_dtype != "float16" or standing.scale < 1:
        raise UserError(
            f"fine_tuning {run.config.name!r}: the loss or a gradient is not finite at step {standing.step} in"
            f" {run.config.compute_dtype}; lower the learning rate or use bfloat16"
        )
