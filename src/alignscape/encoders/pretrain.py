"""Training of structure encoders here: for those without obtainable weights, and for the ladder of RQ4."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from ..config import Pretraining
from ..errors import UserError
from ..files import atomic, digest_of, read_json, write_json
from ..proteins.facts import ProteinFacts
from ..proteins.structure import Structure
from ..shards import package_versions
from .enzyme_task import EnzymeClasses
from .held_out import hold_out
from .residue_recovery import ResidueRecovery
from .structure.interface import StructureEncoder


class Task(Protocol):
    """What an encoder is trained on; a torch module that holds the encoder and a head."""

    encoder: StructureEncoder

    def examples(self, structures: Sequence[Structure], generator: np.random.Generator) -> list[Structure]:
        """One epoch's examples, not yet shuffled."""

    def loss(self, examples: Sequence[Structure], generator: np.random.Generator) -> Tensor:
        """The loss of one batch."""

    def measure(self, structures: Sequence[Structure], generator: np.random.Generator) -> dict[str, Any]:
        """Metrics on proteins not trained on, beside baselines."""


def pretrain(
    encoder: StructureEncoder,
    structures: Sequence[Structure],
    facts: Sequence[ProteinFacts],
    *,
    config: Pretraining,
    seed: int,
    device: str = "cpu",
    checkpoint: Path,
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The encoder's trained state dict and a card: task, losses, held-out metrics with baselines, what it saw.

    structures: the proteins set aside for training encoders, in any order; a share of them, whole families, is kept
        back to measure on. checkpoint: a file to go on from after a kill, written each epoch, removed at the end.
    The same seed gives the same weights on the same machine. Raises UserError for too few proteins.
    """
    if len(structures) < 2:
        raise UserError(f"encoder_training: {len(structures)} proteins, at least two unrelated ones are needed")
    structures = sorted(structures, key=lambda s: s.id)
    train, held = hold_out(structures, share=config.held_out, seed=seed)
    training, measured = ([structures[i] for i in places] for places in (train, held))
    torch.manual_seed(seed)
    task = _task(encoder, config, training, {f.id: f for f in facts}).to(device)
    losses = list(_epochs(task, training, config, seed, checkpoint))
    metrics = task.measure(measured, np.random.default_rng([seed, 1]))
    checkpoint.unlink(missing_ok=True)
    ids = {"trained_on": [s.id for s in training], "held_out": [s.id for s in measured]}
    card = {"task": config.task, "losses": losses, "metrics": metrics, "seed": seed, "versions": package_versions()}
    settings = config.model_dump(mode="json")
    card |= ids | {"ids_digest": digest_of(ids), "settings": settings}
    return {name: value.detach().cpu() for name, value in encoder.state_dict().items()}, card


def _task(encoder: StructureEncoder, config: Pretraining, training: list[Structure], facts: Mapping[str, Any]) -> Any:
    if config.task == "enzyme_commission":
        return EnzymeClasses(encoder, config, training, facts)
    return ResidueRecovery(encoder, config, training)


def _epochs(task: Any, training: list[Structure], config: Pretraining, seed: int, checkpoint: Path) -> Iterator[float]:
    """Mean loss of each epoch, those before a kill first."""
    from tqdm import tqdm

    optimizer = torch.optim.Adam(task.parameters(), lr=config.learning_rate)
    losses = _resume(task, optimizer, checkpoint)
    yield from losses
    with tqdm(total=config.epochs, initial=len(losses), desc=config.task, unit="epoch", mininterval=10) as progress:
        for epoch in range(len(losses), config.epochs):
            losses.append(_one_epoch(task, optimizer, training, config, np.random.default_rng([seed, 0, epoch])))
            _save(task, optimizer, losses, checkpoint)
            progress.set_postfix(loss=f"{losses[-1]:.3f}")
            progress.update()
            yield losses[-1]


def _one_epoch(
    task: Any, optimizer: torch.optim.Optimizer, training: list[Structure], config: Pretraining, generator: Any
) -> float:
    task.train()
    examples = task.examples(training, generator)
    order = generator.permutation(len(examples))
    total = 0.0
    for start in range(0, len(order), config.batch_size):
        batch = [examples[i] for i in order[start : start + config.batch_size]]
        loss = task.loss(batch, generator)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(task.parameters(), 1.0)
        optimizer.step()
        total += float(loss.detach()) * len(batch)
    return total / len(order)


def _save(task: Any, optimizer: torch.optim.Optimizer, losses: list[float], checkpoint: Path) -> None:
    """Weights, Adam's moments and losses; without pickle, whole or absent."""
    from safetensors.torch import save_file

    arrays = {f"task/{name}": value.contiguous() for name, value in task.state_dict().items()}
    for number, values in optimizer.state_dict()["state"].items():
        arrays |= {f"adam/{number}/{name}": value.contiguous() for name, value in values.items()}
    with atomic(checkpoint) as temporary:
        save_file(arrays, temporary, metadata={"losses": " ".join(map(repr, losses)), "torch": torch.__version__})


def _resume(task: Any, optimizer: torch.optim.Optimizer, checkpoint: Path) -> list[float]:
    """The losses so far, with task and optimizer as they were then; none without a checkpoint."""
    from safetensors import safe_open

    if not checkpoint.exists():
        return []
    with safe_open(checkpoint, "pt") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        losses = [float(word) for word in (file.metadata() or {})["losses"].split()]
    task.load_state_dict({k.removeprefix("task/"): v for k, v in arrays.items() if k.startswith("task/")})
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in arrays.items():
        if key.startswith("adam/"):
            _, number, name = key.split("/")
            state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict(optimizer.state_dict() | {"state": state})
    return losses


def save_weights(path: Path, state: Mapping[str, Tensor], card: Mapping[str, Any]) -> None:
    """A state dict as safetensors, and its card as .json beside it, the card first."""
    from safetensors.torch import save_file

    write_json(path.with_suffix(".json"), card)
    with atomic(path) as temporary:
        save_file({name: value.contiguous() for name, value in state.items()}, temporary)


def read_card(path: Path) -> dict[str, Any]:
    """The card beside a file of weights."""
    return read_json(path.with_suffix(".json"))
