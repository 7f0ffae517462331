"""Residue recovery: tell a residue's type from the structure around it, its own type and side chain hidden."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ...config.encoders import Pretraining
from ...proteins.structure import AMINO_ACIDS, BACKBONE, UNKNOWN, Structure
from ..structure.interface import Batch, StructureEncoder, to_device

N_TYPES = len(AMINO_ACIDS)
FEWEST_MASKED = 2  # residues
WEIGHT_DECAY = 0.1  # some ten thousand residues are few


@runtime_checkable
class _HasInvariants(Protocol):
    """An encoder whose residue features turn with the protein, and which can give some that do not."""

    def residue_invariants(self, residues: Tensor) -> Tensor: ...


def fewest_residues(encoder: StructureEncoder) -> int:
    """How many residues a protein or stretch must have, for the encoder to take it and for enough to be masked."""
    return max(FEWEST_MASKED, encoder.requirement.min_residues)


class Prepared(NamedTuple):
    """A batch to recover residues of: r of them, some hidden."""

    batch: Batch
    masked: Tensor  # (r,) true where hidden
    types: Tensor  # (r,) what they are


class ResidueRecovery(nn.Module):
    """An encoder with a linear head that gives each residue a logit for each of the 20 types.

    The head is linear, so that what there is to learn is learned by the encoder; it starts at the training proteins'
    composition.
    """

    def __init__(self, encoder: StructureEncoder, config: Pretraining, training: Sequence[Structure]) -> None:
        super().__init__()
        self.encoder, self.config = encoder, config
        width = _invariants(encoder, torch.zeros(1, encoder.residue_dimension)).shape[1]
        self.head = nn.Sequential(nn.BatchNorm1d(width, affine=False), nn.Linear(width, N_TYPES))
        types = np.concatenate([s.residue_type for s in training])
        counts = np.bincount(types[types != UNKNOWN], minlength=N_TYPES) + 1
        self.composition = torch.from_numpy(counts / counts.sum())  # (20,)
        nn.init.zeros_(self.head[1].weight)
        self.head[1].bias.data = self.composition.log().float()

    def optimizer(self) -> torch.optim.Optimizer:
        """AdamW at the configured rate."""
        return torch.optim.AdamW(self.parameters(), lr=self.config.learning_rate, weight_decay=WEIGHT_DECAY)

    def rate(self, progress: float) -> float:
        """Factor of the learning rate after a share of the training: up for 5 % of it, then down a cosine to zero."""
        return min(1.0, (progress + 0.005) / 0.05) * 0.5 * (1 + np.cos(np.pi * progress))

    def examples(self, structures: Sequence[Structure], generator: np.random.Generator) -> list[Structure]:
        """Every residue with a whole backbone once, in stretches of at most `truncate` that begin at random places."""
        parts = [part for s in structures for part in _stretches(s, self.config.truncate, generator)]
        fewest = fewest_residues(self.encoder)
        return [part for part in parts if (part.residue_type != UNKNOWN).sum() >= fewest]

    def prepared(self, examples: Sequence[Structure], generator: np.random.Generator) -> Prepared:
        """A batch on the processor, some of its residues hidden."""
        return self._hidden(examples, [self._draw_mask(s, generator) for s in examples])

    def loss(self, prepared: Prepared) -> Tensor:
        """Mean cross-entropy (nats) over the masked residues of one batch."""
        logits, types = self._masked_logits(prepared)
        return cross_entropy(logits, types)

    def _draw_mask(self, structure: Structure, generator: np.random.Generator) -> NDArray[np.bool_]:
        """(r,) which residues to hide: the configured share of those of known type, at least two."""
        known = np.flatnonzero(structure.residue_type != UNKNOWN)
        n = max(FEWEST_MASKED, round(self.config.mask_fraction * len(known)))
        return np.isin(np.arange(structure.n_residues), generator.choice(known, n, replace=False))

    def _hidden(self, examples: Sequence[Structure], masks: Sequence[NDArray[np.bool_]]) -> Prepared:
        features = [self.encoder.featurise(hide(s, mask)) for s, mask in zip(examples, masks, strict=True)]
        types = np.concatenate([s.residue_type for s in examples]).astype(np.int64)
        return Prepared(self.encoder.collate(features), *map(torch.from_numpy, (np.concatenate(masks), types)))

    def _masked_logits(self, prepared: Prepared) -> tuple[Tensor, Tensor]:
        """(m, 20) logits and (m,) types of the masked residues."""
        device = self.head[1].weight.device
        residues = self.encoder(to_device(prepared.batch, device))
        if len(residues) != len(prepared.masked):
            raise ValueError(
                f"the encoder has {len(residues)} of {len(prepared.masked)} residues with a whole backbone"
            )
        masked, types = prepared.masked.to(device), prepared.types.to(device)
        return self.head(_invariants(self.encoder, residues[masked]).float()), types[masked]

    @torch.no_grad()
    def measure(self, structures: Sequence[Structure], generator: np.random.Generator) -> dict[str, Any]:
        """Accuracy and perplexity on proteins not trained on, every residue masked once, beside two baselines.

        `majority` always says the training proteins' most frequent type, `composition` gives every type its share
        there. Intervals are 95 %, residues taken as independent; that of the gain is of paired differences in nats.
        """
        logits, types = zip(*(self._each_once(s, generator) for s in structures), strict=True)
        logits, types = torch.cat(logits).double().cpu(), torch.cat(types).cpu()
        logits, types = logits[types != UNKNOWN], types[types != UNKNOWN]
        hit = (logits.argmax(1) == types).double()
        nats, nats_of_composition = cross_entropy(logits, types, reduction="none"), -self.composition.log()[types]
        return {
            "residues": len(types),
            "accuracy": float(hit.mean()),
            "accuracy_interval": _interval(hit),
            "majority_accuracy": float((types == self.composition.argmax()).double().mean()),
            "perplexity": float(nats.mean().exp()),
            "composition_perplexity": float(nats_of_composition.mean().exp()),
            "gain_in_nats": float((nats_of_composition - nats).mean()),
            "gain_in_nats_interval": _interval(nats_of_composition - nats),
        }

    def _each_once(self, structure: Structure, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Logits and types of all residues of one protein, a `mask_fraction` of them hidden at a time."""
        whole = structure.select(structure.has_backbone)
        rounds = int(np.ceil(1 / self.config.mask_fraction))
        turn = generator.permutation(whole.n_residues) % rounds
        turns = range(min(rounds, whole.n_residues))
        parts = [self._masked_logits(self._hidden([whole], [turn == r])) for r in turns]
        logits, types = zip(*parts, strict=True)
        return torch.cat(logits), torch.cat(types)


def _invariants(encoder: StructureEncoder, residues: Tensor) -> Tensor:
    """What the head is given of residue features (m, residue_dimension)."""
    return encoder.residue_invariants(residues) if isinstance(encoder, _HasInvariants) else residues


def _interval(values: Tensor) -> list[float]:
    """95 % interval of the mean of (n,) values."""
    mean, margin = float(values.mean()), 1.96 * float(values.std() / len(values) ** 0.5)
    return [mean - margin, mean + margin]


def hide(structure: Structure, mask: NDArray[np.bool_]) -> Structure:
    """The structure without the types and the side chains of the residues where `mask` (r,) is true."""
    seen = ~mask[structure.atom_residue] | np.isin(structure.atom_name, BACKBONE)
    atoms = {f"atom_{n}": getattr(structure, f"atom_{n}")[seen] for n in ("name", "element", "xyz", "residue")}
    types = np.where(mask, np.int8(UNKNOWN), structure.residue_type)
    names = np.where(mask, "UNK", structure.residue_name)
    return replace(structure, **atoms, residue_type=types, residue_name=names)


def _stretches(structure: Structure, longest: int | None, generator: np.random.Generator) -> list[Structure]:
    """The residues with a whole backbone in stretches of `longest`, those at both ends shorter."""
    whole = structure.select(structure.has_backbone)
    if longest is None or whole.n_residues <= longest:
        return [whole]
    borders = np.arange(generator.integers(longest), whole.n_residues, longest)
    parts = np.split(np.arange(whole.n_residues), borders)
    return [whole.select(np.isin(np.arange(whole.n_residues), part)) for part in parts]
