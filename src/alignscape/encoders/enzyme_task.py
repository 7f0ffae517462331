"""Enzyme classes as a task to train a structure encoder on (paper RQ4)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from ..config import Pretraining
from ..errors import UserError
from ..proteins.facts import ProteinFacts
from ..proteins.structure import Structure
from .enzyme_commission import (
    EnzymeCommissionModel,
    auprc_micro,
    f1_max,
    label_matrix,
    label_names,
    prevalence_scores,
    read_ec_table,
)
from .structure.interface import StructureEncoder, to_device


class EnzymeClasses(nn.Module):
    """An encoder with the three-layer head that gives a protein a logit for each EC label of the training proteins."""

    def __init__(
        self,
        encoder: StructureEncoder,
        config: Pretraining,
        training: Sequence[Structure],
        facts: Mapping[str, ProteinFacts],
    ) -> None:
        super().__init__()
        self.config = config
        self.numbers = _numbers(config, facts)
        self.names = label_names([self.numbers[s.id] for s in training], levels=config.ec_levels)
        if not self.names:
            raise UserError(
                "pretraining.task enzyme_commission: no training protein has an EC number; name an `ec_table`"
            )
        self.prevalence = label_matrix([self.numbers[s.id] for s in training], self.names)
        self.model = EnzymeCommissionModel(encoder, len(self.names))

    @property
    def encoder(self) -> StructureEncoder:
        """The encoder that is trained."""
        return self.model.encoder

    def usable(self, structures: Sequence[Structure]) -> list[Structure]:
        """Those with a label; proteins without an EC number say nothing."""
        return [s for s in structures if self.numbers[s.id]]

    def examples(self, structures: Sequence[Structure], generator: np.random.Generator) -> list[Structure]:
        """Each enzyme once, cut to its first `truncate` residues as the paper does."""
        return [_cut(s, self.config.truncate) for s in self.usable(structures)]

    def loss(self, examples: Sequence[Structure], generator: np.random.Generator) -> Tensor:
        """Mean binary cross-entropy over proteins and labels of one batch."""
        logits = self._logits(examples)
        target = torch.from_numpy(self._target(examples)).to(logits.device)
        return binary_cross_entropy_with_logits(logits, target)

    def _target(self, structures: Sequence[Structure]) -> Any:
        return label_matrix([self.numbers[s.id] for s in structures], self.names)

    def _logits(self, structures: Sequence[Structure]) -> Tensor:
        device = next(self.parameters()).device
        features = [self.encoder.featurise(s) for s in structures]
        return self.model(to_device(self.encoder.collate(features), device))

    @torch.no_grad()
    def measure(self, structures: Sequence[Structure], generator: np.random.Generator) -> dict[str, Any]:
        """AUPRC@micro and F1_max on proteins not trained on, beside each label's share as a guess."""
        self.eval()
        held = [s for s in self.examples(structures, generator) if self._target([s]).any()]
        if not held:
            return {"proteins": 0, "labels": len(self.names), "why": "no held-out protein shares a label with training"}
        score = torch.cat([self._logits([s]) for s in held]).sigmoid().double().cpu().numpy()
        target, guess = self._target(held), prevalence_scores(self.prevalence, len(held))
        return {
            "proteins": len(held),
            "labels": len(self.names),
            "auprc_micro": auprc_micro(target, score),
            "f1_max": f1_max(target, score),
            "prevalence_auprc_micro": auprc_micro(target, guess),
            "prevalence_f1_max": f1_max(target, guess),
        }


def _numbers(config: Pretraining, facts: Mapping[str, ProteinFacts]) -> dict[str, list[str]]:
    if config.ec_table is None:
        return {id_: entry.ec for id_, entry in facts.items()}
    table = {id_.upper(): numbers for id_, numbers in read_ec_table(config.ec_table).items()}
    return {id_: table.get(id_, []) for id_ in facts}


def _cut(structure: Structure, longest: int | None) -> Structure:
    if longest is None or structure.n_residues <= longest:
        return structure
    return structure.select(np.arange(structure.n_residues) < longest)
