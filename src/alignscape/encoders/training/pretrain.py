"""Training of a structure encoder here: seeded, resumable at any step, measured on whole families kept back."""

import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from ...config.encoders import Pretraining
from ...errors import ProteinRejected, UserError
from ...proteins.facts import ProteinFacts
from ...proteins.structure import Structure
from ...storage.embeddings import package_versions
from ...storage.files import digest_of, write_json, write_tensors
from ..structure.interface import StructureEncoder
from .checkpoint import load_checkpoint, save_checkpoint
from .enzyme_training import EnzymeTraining, enzyme_numbers
from .held_out import hold_out
from .residue_recovery import ResidueRecovery, fewest_residues

SAVE_EVERY = 120.0  # seconds


class Task(Protocol):
    """What an encoder is trained on: a module that holds the encoder and a head."""

    def parameters(self) -> Iterator[nn.Parameter]: ...
    def state_dict(self) -> dict[str, Tensor]: ...
    def train(self) -> nn.Module: ...
    def optimizer(self) -> torch.optim.Optimizer: ...
    def rate(self, progress: float) -> float: ...
    def examples(self, structures: Sequence[Structure], generator: np.random.Generator) -> list[Structure]: ...
    def prepared(self, examples: Sequence[Structure], generator: np.random.Generator) -> Any: ...
    def loss(self, prepared: Any) -> Tensor: ...
    def measure(self, structures: Sequence[Structure], generator: np.random.Generator) -> dict[str, Any]: ...


@dataclass
class _Progress:
    """How far the training is: the next batch of the present epoch, and the losses so far."""

    epoch: int
    batch: int
    losses: list[list[float]]  # of each epoch so far: sum over its batches, and their number


def pretrain(
    encoder: StructureEncoder,
    structures: Sequence[Structure],
    facts: Sequence[ProteinFacts],
    *,
    config: Pretraining,
    seed: int,
    device: str | torch.device,
    checkpoint: Path,
    measured_on: Sequence[Structure] = (),
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The trained encoder's state and its card: what it was trained on, how, and how well it does on families kept back.

    Sees the given structures and nothing else. measured_on: proteins to measure on instead of the families kept back;
    their EC numbers are in `facts`, for that task. The same encoder, structures, config and seed give the same weights, also
    when the run was cut off: it goes on from `checkpoint`, which is removed at the end. Raises UserError where there is
    too little to train on.
    """
    usable, left_out = _usable(encoder, structures, config)
    with _seeded(seed):
        task, training, held = _task(encoder, usable, facts, config, seed, measured_on)
        task.to(device)
        key = digest_of([config.model_dump(mode="json"), seed, [s.id for s in usable], _shapes(task)], length=64)
        progress = _train(task, training, config=config, seed=seed, checkpoint=checkpoint, key=key)
        task.eval()
        metrics = task.measure(measured_on or held, np.random.default_rng(seed))
    checkpoint.unlink(missing_ok=True)
    state = {name: value.detach().cpu().contiguous() for name, value in encoder.state_dict().items()}
    return state, {
        "task": config.task,
        "config": config.model_dump(mode="json"),
        "seed": seed,
        "proteins": len(training),
        "held_out": sorted(s.id for s in held),
        "left_out": left_out,
        "ids_digest": digest_of(sorted(s.id for s in usable)),
        "losses": [total / count for total, count in progress.losses],
        "metrics": metrics,
        "versions": package_versions(),
    }


def save_weights(path: str | Path, state: dict[str, Tensor], card: dict[str, Any]) -> None:
    """`path` (.safetensors) holds the arrays, the same name with .json the card, which is written last."""
    write_tensors(path, state)
    write_json(Path(path).with_suffix(".json"), card)


# --- what it is trained on ----------------------------------------------------------------------------------


def _usable(
    encoder: StructureEncoder, structures: Sequence[Structure], config: Pretraining
) -> tuple[list[Structure], dict[str, str]]:
    """The structures, by id, that the encoder takes, and why it does not take the others."""
    usable, left_out = [], {}
    fewest = fewest_residues(encoder)
    for structure in sorted(structures, key=lambda s: s.id):
        try:
            if config.task == "residue_recovery" and structure.has_backbone.sum() < fewest:
                raise ProteinRejected(f"fewer than {fewest} residues with N, CA, C and O")
            encoder.featurise(structure)
            usable.append(structure)
        except ProteinRejected as rejection:
            left_out[structure.id] = str(rejection)
    if len(usable) < 2:
        raise UserError(
            f"encoder_training: {len(usable)} of {len(structures)} proteins can be trained on; 2 are needed"
        )
    return usable, left_out


def _task(
    encoder: StructureEncoder,
    structures: list[Structure],
    facts: Sequence[ProteinFacts],
    config: Pretraining,
    seed: int,
    measured_on: Sequence[Structure],
) -> tuple[ResidueRecovery | EnzymeTraining, list[Structure], list[Structure]]:
    """The task, the proteins to train on and those kept back."""
    if config.task == "enzyme_commission":
        numbers = enzyme_numbers([*structures, *measured_on], facts, config)
        structures = [s for s in structures if s.id in numbers]
    kept, held = ([structures[i] for i in part] for part in hold_out(structures, share=config.held_out, seed=seed))
    if config.task == "enzyme_commission":
        return EnzymeTraining(encoder, config, kept, numbers), kept, held
    return ResidueRecovery(encoder, config, kept), kept, held


# --- training -----------------------------------------------------------------------------------------------


def _train(
    task: Task, structures: list[Structure], *, config: Pretraining, seed: int, checkpoint: Path, key: str
) -> _Progress:
    """Train all epochs. Randomness follows from seed, epoch and batch alone, so training can resume at any step."""
    optimizer = task.optimizer()
    rates = [group["lr"] for group in optimizer.param_groups]
    progress = _Progress(
        **load_checkpoint(checkpoint, task.state_dict(), optimizer, key=key) or {"epoch": 0, "batch": 0, "losses": []}
    )
    saved = time.monotonic()
    task.train()
    for epoch in range(progress.epoch, config.epochs):
        batches = list(_batches(task, structures, config, np.random.default_rng([seed, epoch])))
        if len(progress.losses) == epoch:
            progress.losses.append([0.0, 0])
        numbers = range(progress.batch, len(batches))
        made = _made_ahead(task, [batches[n] for n in numbers], [[seed, epoch, n] for n in numbers])
        for number, prepared in zip(_shown(numbers, config, epoch, len(batches)), made, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * task.rate((epoch + number / len(batches)) / config.epochs)
            loss = _step(task, optimizer, prepared, batches[number])
            progress.losses[epoch] = [progress.losses[epoch][0] + loss, progress.losses[epoch][1] + 1]
            progress.epoch, progress.batch = epoch, number + 1
            if time.monotonic() - saved > SAVE_EVERY:
                save_checkpoint(checkpoint, task.state_dict(), optimizer, key=key, progress=vars(progress))
                saved = time.monotonic()
        progress.epoch, progress.batch = epoch + 1, 0
    return progress


def _batches(
    task: Task, structures: list[Structure], config: Pretraining, generator: np.random.Generator
) -> Iterator[list[Structure]]:
    """One epoch's examples in random order."""
    examples = task.examples(structures, generator)
    order = generator.permutation(len(examples))
    for first in range(0, len(order), config.batch_size):
        yield [examples[i] for i in order[first : first + config.batch_size]]


def _made_ahead(task: Task, batches: Sequence[Sequence[Structure]], seeds: Sequence[Sequence[int]]) -> Iterator[Any]:
    """What a step takes, of each batch; for a GPU the next one is made while one is in use, as in embedding."""
    if next(task.parameters()).device.type == "cpu":  # which has no time to spare
        yield from (task.prepared(b, np.random.default_rng(s)) for b, s in zip(batches, seeds, strict=True))
        return
    with ThreadPoolExecutor(max_workers=1) as pool:
        ahead: deque[Future[Any]] = deque()
        for batch, seed in zip(batches, seeds, strict=True):
            ahead.append(pool.submit(task.prepared, batch, np.random.default_rng(seed)))
            if len(ahead) == 2:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _step(task: Task, optimizer: torch.optim.Optimizer, prepared: Any, examples: Sequence[Structure]) -> float:
    """One step; the loss before it. Raises FloatingPointError if that is not finite."""
    loss = task.loss(prepared)
    if not torch.isfinite(loss):
        raise FloatingPointError(f"the loss is {loss.item()} on {', '.join(s.id for s in examples)}")
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(task.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def _shown(numbers: range, config: Pretraining, epoch: int, total: int) -> Any:
    """The numbers, with a progress bar; a log gets a line now and then."""
    interval = 0.1 if sys.stderr.isatty() else 30.0
    description = f"{config.task} {epoch + 1}/{config.epochs}"
    return tqdm(numbers, desc=description, initial=numbers.start, total=total, mininterval=interval, leave=False)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """torch's generator seeded and its sums in a fixed order, whatever the threads; both as they were afterwards."""
    before = torch.are_deterministic_algorithms_enabled(), torch.utils.deterministic.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # nothing reads what nobody wrote
    try:
        with torch.random.fork_rng(devices=range(min(1, torch.cuda.device_count()))):  # not a context on every GPU
            torch.manual_seed(seed)
            yield
    finally:
        torch.use_deterministic_algorithms(before[0])
        torch.utils.deterministic.fill_uninitialized_memory = before[1]


def _shapes(task: nn.Module) -> dict[str, list[int]]:
    return {name: list(value.shape) for name, value in task.state_dict().items()}
