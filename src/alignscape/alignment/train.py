"""Training of the heads: many models (seeds, folds) stacked in one, on resident arrays (paper, Heads and training)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from ..compute.adam import FusedAdam
from ..compute.stacked_linear import Where
from ..config.study import Alignment, Variant
from .heads import Heads, HeadShape, initial_heads
from .infonce import cosines, info_nce, same_group
from .sampling import epoch_order
from .split import Run
from .step_graph import Batch, Step, steps_of
from .training_state import TrainingStates, restore

BYTES_PER_PARAMETER = 24  # weight, two moments, best weight; on a GPU the gradient; room for a copy
_LEAST_TEMPERATURE = 0.01  # a learned one may not collapse


@dataclass(frozen=True, eq=False)
class Job:
    """One model to train.

    structure: (n, d_s) and text: (n, d_t) float32, the rows this model sees, on the device to train on; the same tensors
        for all jobs, unless each fold prepares its own.
    seed: of its initial weights and its shuffling; fold: number of its run, which shuffles differently.
    families: (n,) clusters of the rows if each is to be taken as often as another (`epoch_order`), else None.
    groups: (n,) duplicates, which are no negatives of each other; None for the paper's loss.
    split: whose run it is.
    """

    run: Run
    structure: Tensor
    text: Tensor
    seed: tuple[int, ...]
    fold: int = 0
    families: NDArray[np.int64] | None = None
    groups: Tensor | None = None
    split: str = ""


@dataclass(frozen=True, eq=False)
class History:
    """Losses of one model by epoch; `best_epoch` counts from 1."""

    train: list[float]
    validation: list[float]
    best_epoch: int
    temperature: float


@dataclass(frozen=True, eq=False)
class TrainedStack:
    """Models of one stack, each with its weights of the best validation loss."""

    jobs: list[Job]
    heads: Heads
    histories: list[History]


def train_heads(
    jobs: Sequence[Job],
    shape: HeadShape,
    *,
    config: Alignment,
    variant: Variant,
    memory: float | None = None,
    name: str = "heads",
    states: TrainingStates | None = None,
) -> Iterator[TrainedStack]:
    """Every job's model, trained; a stack at a time, so that a caller who scores and drops each needs little memory.

    memory: GiB that one stack's weights, gradients and moments may take; a stack has at least one model. If absent, 2 on
        the processor and half of what is free on a GPU.
    states: for the state of a long training, from which one that was killed goes on; none is kept if absent.
    Each model's result depends on its own seed and data alone, not on who shares its stack.
    Adam, fused; each epoch reshuffles into ceil(n / batch_size) batches that differ by one pair in size at most.
    The validation loss is over batches of the same size, drawn once a fold; the best epoch's weights are kept.
    """
    if not jobs:
        return
    bytes_allowed = _stack_bytes(jobs[0].text.device) if memory is None else memory * 2**30
    size = max(1, int(bytes_allowed / (BYTES_PER_PARAMETER * shape.parameters)))
    for members in _alike(jobs, config.batch_size):
        for start in range(0, len(members), size):
            yield _Stack(members[start : start + size], shape, config, variant).train(name, states)


def _alike(jobs: Sequence[Job], batch_size: int) -> Iterator[list[Job]]:
    """The jobs that may share a stack: of a split those with the same number of steps, so that nobody's momentum moves on
    without a batch; and those of another split if their batches have the very same sizes, so that no number changes."""
    of_split: dict[tuple[Any, ...], list[Job]] = {}
    for job in jobs:
        of_split.setdefault((*_steps(job, batch_size), job.split), []).append(job)
    together: dict[frozenset[tuple[int, int]], list[Job]] = {}
    for key in sorted(of_split, key=lambda key: key[:2]):
        sizes = frozenset((len(job.run.train), len(job.run.validation)) for job in of_split[key])
        together.setdefault(sizes, []).extend(of_split[key])
    yield from together.values()


def _stack_bytes(device: torch.device) -> float:
    return 2 * 2**30 if device.type == "cpu" else torch.cuda.mem_get_info(device)[0] / 2


def _steps(job: Job, batch_size: int) -> tuple[int, int]:
    return -(-len(job.run.train) // batch_size), -(-len(job.run.validation) // batch_size)


@dataclass(eq=False)
class _Stack:
    jobs: list[Job]
    shape: HeadShape
    config: Alignment
    variant: Variant
    train_losses: list[Tensor] = field(default_factory=list)
    validation_losses: list[Tensor] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.device, k = self.jobs[0].text.device, len(self.jobs)
        device = self.device
        self.heads = initial_heads(self.shape, [job.seed for job in self.jobs], device=str(device))
        self.log_tau = torch.full((k,), float(np.log(self.config.temperature)), device=device)
        learned = [self.log_tau] if self.variant.temperature == "learned" else []
        self.small = [
            parameter.requires_grad_() for parameter in (*(layer.bias for layer in self.heads.layers), *learned)
        ]
        weights = [layer.weight for layer in self.heads.layers]
        self.optimizer = FusedAdam([*weights, *self.small], learning_rate=self.config.learning_rate)
        self.best_loss = torch.full((k,), torch.inf, device=device)
        self.best = [tensor.detach().clone() for tensor in (*self.heads.tensors, self.log_tau)]

    def train(self, name: str, states: TrainingStates | None = None) -> TrainedStack:
        """All epochs, or those that a state has not seen."""
        generators = [np.random.default_rng([*job.seed, job.fold]) for job in self.jobs]
        path = None if states is None else states.path(self._what())
        if path is not None and path.exists():
            self._go_on(path, generators)
        validation = self._batches([_shuffled_validation(job) for job in self.jobs])
        step = steps_of(self._step, self.device, self.config.cuda_graphs)
        done, title = len(self.train_losses), f"{name}: {len(self.jobs)} models"
        for _ in tqdm(range(done, self.config.epochs), desc=title, disable=None, leave=False):
            orders = [epoch_order(job.run.train, job.families, g) for g, job in zip(generators, self.jobs, strict=True)]
            self.train_losses.append(self._mean(self._batches(orders), step))
            with torch.no_grad():
                self.validation_losses.append(self._mean(validation, self._loss))
            self._keep_best(self.validation_losses[-1])
            last = len(self.train_losses) == self.config.epochs
            if states is not None and path is not None and states.due(last=last):
                states.write(path, self._tensors() | self._losses(), generators)
        return self._result()

    def _what(self) -> list[Any]:
        """What tells this stack from the others of its pair, on any device."""
        members = [[job.split, job.fold, *job.seed, len(job.run.train), len(job.run.validation)] for job in self.jobs]
        return [self.device.type, vars(self.shape), members]

    def _go_on(self, path: Path, generators: Sequence[np.random.Generator]) -> None:
        losses = restore(path, self._tensors(), generators)
        self.train_losses, self.validation_losses = (
            list(losses[part].to(self.device)) for part in ("train", "validation")
        )

    def _tensors(self) -> dict[str, Tensor]:
        """All that training changes, by name; not copies."""
        groups = {"now": [*self.heads.tensors, self.log_tau], "best": [*self.best, self.best_loss]}
        groups |= {"first": self.optimizer.first, "second": self.optimizer.second, "count": [self.optimizer.count]}
        return {f"{name}.{i}": tensor.detach() for name, group in groups.items() for i, tensor in enumerate(group)}

    def _losses(self) -> dict[str, Tensor]:
        return {"train": torch.stack(self.train_losses), "validation": torch.stack(self.validation_losses)}

    def _batches(self, orders: Sequence[NDArray[np.int64]]) -> list[Batch]:
        """Per step: rows (k, b), which of them are there (k, b) or None for all, and their numbers (k,)."""
        tables = batch_tables(orders, self.config.batch_size)
        rows, present = (torch.from_numpy(table).to(self.device) for table in tables)
        some = [None] * len(rows) if tables[1].all() else present
        return list(zip(rows, some, present.sum(dim=2), strict=True))

    def _loss(self, rows: Tensor, present: Tensor | None, counts: Tensor) -> Tensor:
        structure, text = ([getattr(job, side) for job in self.jobs] for side in ("structure", "text"))
        similarity = cosines(
            self.heads.structure(rows_of(structure, rows)), self.heads.text(rows_of(text, rows))
        )  # (k, b, b)
        return info_nce(
            similarity,
            temperature=self.log_tau.exp().clamp(min=_LEAST_TEMPERATURE),
            direction=self.variant.loss,
            excluded=self._no_negatives(rows),
            present=present,
        )

    def _no_negatives(self, rows: Tensor) -> Tensor | None:
        """(k, b, b) true where two are duplicates, or the same protein taken twice; None where there are none of either."""
        twice = None if self.jobs[0].families is None else same_group(rows)
        groups = [job.groups for job in self.jobs if job.groups is not None]
        if not groups:
            return twice
        alike = same_group(rows_of(groups, rows))
        return alike if twice is None else alike | twice

    def _step(self, rows: Tensor, present: Tensor | None, counts: Tensor) -> Tensor:
        for parameter in self.small:
            parameter.grad = None
        loss = self._loss(rows, present, counts)
        loss.sum().backward()
        self.optimizer.step(self._gradients())
        return loss.detach()

    def _gradients(self) -> Iterator[tuple[int, Where, Tensor]]:
        layers = self.heads.layers
        for number, layer in enumerate(layers):
            yield from ((number, where, block) for where, block in layer.gradient_blocks())
        for number, parameter in enumerate(self.small, len(layers)):
            assert parameter.grad is not None
            yield number, (), parameter.grad

    @staticmethod
    def _mean(batches: Sequence[Batch], step: Step) -> Tensor:
        """(k,) mean over pairs from the batches' means."""
        values = torch.stack([step(*batch) for batch in batches])
        counts = torch.stack([batch[2] for batch in batches])
        return (values * counts).sum(dim=0) / counts.sum(dim=0)

    @torch.no_grad()
    def _keep_best(self, validation: Tensor) -> None:
        better = validation < self.best_loss
        self.best_loss = torch.where(better, validation, self.best_loss)
        for number in better.nonzero()[:, 0].tolist():
            for best, current in zip(self.best, (*self.heads.tensors, self.log_tau), strict=True):
                best[number].copy_(current[number])

    def _result(self) -> TrainedStack:
        for tensor, best in zip(self.heads.tensors, self.best, strict=False):
            tensor.detach().copy_(best)
        train, validation = (torch.stack(x).T.tolist() for x in (self.train_losses, self.validation_losses))
        taus = self.best[-1].exp().clamp(min=_LEAST_TEMPERATURE).tolist()
        histories = [
            History(t, v, int(np.argmin(v)) + 1, tau) for t, v, tau in zip(train, validation, taus, strict=True)
        ]
        return TrainedStack(self.jobs, self.heads, histories)


def _shuffled_validation(job: Job) -> NDArray[np.int64]:
    """The fold's validation rows in an order that is the same for every seed and epoch, taken like training rows."""
    generator = np.random.default_rng([job.seed[0], job.fold, len(job.run.validation)])
    return epoch_order(job.run.validation, job.families, generator)


def rows_of(sources: Sequence[Tensor], rows: Tensor) -> Tensor:
    """(k, b, ...) the rows (k, b) that each model takes from its own source (n, ...)."""
    if all(source is sources[0] for source in sources):
        return sources[0][rows]
    return torch.stack([source[own] for source, own in zip(sources, rows, strict=True)])


def batch_tables(orders: Sequence[NDArray[np.int64]], batch_size: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Each order cut into ceil(n / batch_size) batches of nearly equal size, larger ones first.

    orders: one a model, all with the same number of batches. Returns rows (steps, k, b) and which of them are there;
    a batch that is one short is padded with row 0.
    """
    steps = -(-len(orders[0]) // batch_size)
    b = max(-(-len(order) // steps) for order in orders)
    rows, present = np.zeros((steps, len(orders), b), np.int64), np.zeros((steps, len(orders), b), bool)
    for model, order in enumerate(orders):
        small, larger = divmod(len(order), steps)
        sizes = small + (np.arange(steps) < larger)
        present[:, model] = np.arange(b) < sizes[:, None]
        rows[:, model][present[:, model]] = order
    return rows, present
