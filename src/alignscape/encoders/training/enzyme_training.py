"""Training on Enzyme Commission numbers (RQ4): whose labels count, the loss, and the scores on proteins kept back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...config.encoders import Pretraining
from ...errors import UserError
from ...proteins.facts import ProteinFacts
from ...proteins.structure import Structure
from ..structure.interface import Batch, StructureEncoder, to_device
from .enzyme_commission import (
    EnzymeCommissionModel,
    auprc_micro,
    f1_max,
    label_matrix,
    label_names,
    prevalence_scores,
    read_ec_table,
)


class EnzymeTraining(nn.Module):
    """An encoder and its enzyme head; labels are those that the training proteins carry."""

    def __init__(
        self,
        encoder: StructureEncoder,
        config: Pretraining,
        training: Sequence[Structure],
        numbers: dict[str, list[str]],
    ) -> None:
        super().__init__()
        self.config, self.numbers = config, numbers
        self.names = label_names([numbers[s.id] for s in training], levels=config.ec_levels)
        self.target = label_matrix([numbers[s.id] for s in training], self.names)
        self.model = EnzymeCommissionModel(encoder, len(self.names))

    def optimizer(self) -> torch.optim.Optimizer:
        """Adam at the configured rate (paper: 1e-4)."""
        return torch.optim.Adam(self.parameters(), lr=self.config.learning_rate)

    def rate(self, progress: float) -> float:
        """The learning rate stays as it is."""
        return 1.0

    def examples(self, structures: Sequence[Structure], generator: np.random.Generator) -> list[Structure]:
        """The first `truncate` residues of each protein."""
        return [self._truncated(s) for s in structures]

    def prepared(self, examples: Sequence[Structure], generator: np.random.Generator) -> tuple[Batch, Tensor]:
        """A batch and its labels (p, l), on the processor."""
        labels = label_matrix([self.numbers[s.id] for s in examples], self.names)
        return self._batch(examples), torch.from_numpy(labels)

    def loss(self, prepared: tuple[Batch, Tensor]) -> Tensor:
        """Mean binary cross-entropy over proteins and labels."""
        batch, labels = prepared
        device = next(self.parameters()).device
        return self.model.loss(to_device(batch, device), labels.to(device))

    @torch.no_grad()
    def measure(self, structures: Sequence[Structure], generator: np.random.Generator) -> dict[str, Any]:
        """AUPRC@micro and F1_max on proteins not trained on that carry a label, beside each label's prevalence."""
        target = label_matrix([self.numbers[s.id] for s in structures], self.names)
        labelled = np.flatnonzero(target.any(axis=1))
        if not len(labelled):
            return {"labels": len(self.names), "proteins": 0}
        device = next(self.parameters()).device
        batches = (self._batch([self._truncated(structures[int(i)])]) for i in labelled)
        logits = [self.model(to_device(batch, device)).cpu() for batch in batches]
        scores, target = torch.cat(logits).double().numpy(), target[labelled]
        baseline = prevalence_scores(self.target, len(labelled))
        return {
            "labels": len(self.names),
            "proteins": len(labelled),
            "auprc_micro": auprc_micro(target, scores),
            "f1_max": f1_max(target, scores),
            "prevalence_auprc_micro": auprc_micro(target, baseline),
            "prevalence_f1_max": f1_max(target, baseline),
        }

    def _truncated(self, structure: Structure) -> Structure:
        longest = self.config.truncate
        return structure if longest is None else structure.select(np.arange(structure.n_residues) < longest)

    def _batch(self, structures: Sequence[Structure]) -> Batch:
        encoder = self.model.encoder
        return encoder.collate([encoder.featurise(s) for s in structures])


def enzyme_numbers(
    structures: Sequence[Structure], facts: Sequence[ProteinFacts], config: Pretraining
) -> dict[str, list[str]]:
    """EC numbers by id of the proteins that have any, from the given table or else from the entries themselves.

    Raises UserError if fewer than two have one.
    """
    stated = read_ec_table(config.ec_table) if config.ec_table else {f.id: f.ec for f in facts}
    numbers = {s.id: stated[s.id] for s in structures if label_names([stated.get(s.id, [])], levels=config.ec_levels)}
    if len(numbers) < 2:
        where = config.ec_table or "the entries' COMPND records"
        raise UserError(
            f"task enzyme_commission: {where} give {len(numbers)} training proteins EC numbers; 2 are needed"
        )
    return numbers
