"""What every structure encoder is: featurise one protein, collate, forward to residues, read out to proteins."""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...config.encoders import Requirement, StructureEncoderBlock
from ...proteins.structure import Structure

Features = dict[str, Any]  # one protein: CPU tensors by name
Batch = dict[str, Any]  # several proteins: tensors by name; always has "residue_protein" (n_residues,) and "n_proteins"


class EncoderModule(Protocol):
    """What the module of an encoder has; `registry.py` says where the module lies."""

    def build(self, config: StructureEncoderBlock) -> "StructureEncoder":
        """The encoder of a config block with fresh weights, drawn from torch's generator, which the caller seeds.

        One that is built from a model's files (`weights: model`) has theirs already.
        """


class StructureEncoder(nn.Module):
    """One GDM. `encoder(batch)` gives a row per residue, `readout` a row per protein.

    One whose authors publish weights also has `read_official`, and in its folder a module `official` that says where
    the files are (`official.py`).
    """

    dimension: int  # of the protein embedding
    residue_dimension: int  # of the residue features
    requirement = Requirement()  # what a protein must have; that of the encoder's config block
    number_type = "float32"  # in which it computes; rows are float32

    @abstractmethod
    def featurise(self, structure: Structure) -> Features:
        """One protein's graph and features as CPU tensors. Raises ProteinRejected with a plain reason."""

    @abstractmethod
    def collate(self, features: Sequence[Features]) -> Batch:
        """Several proteins as one batch; nothing of one protein may reach another."""

    @abstractmethod
    def forward(self, batch: Batch) -> Tensor:
        """(n_residues, residue_dimension) features, residues of all proteins one after the other."""

    @abstractmethod
    def readout(self, residues: Tensor, batch: Batch) -> Tensor:
        """(n_proteins, dimension) embeddings from forward's features."""

    def residues_read(self, structure: Structure, n: int) -> NDArray[np.bool_] | None:
        """Which residues (n_residues,) of a protein have the n rows of `forward`, in their order; None if that is not known.

        Here: all residues, those with a C-alpha, or those with a whole backbone. The larger sets hold the smaller ones, so the
        number says which. An encoder that reads others overrides it.
        """
        everything = np.ones(structure.n_residues, dtype=bool)
        sets = (everything, structure.has_ca, structure.has_backbone)
        return next((mask for mask in sets if mask.sum() == n), None)

    def read_official(self, path: Path) -> dict[str, Tensor]:
        """This encoder's state dict from a file of its published weights.

        Raises UserError, one line, for a file that is damaged or is no such file; `load_weights` checks names and shapes.
        """
        raise NotImplementedError(f"{type(self).__name__} has no published weights")

    def given(self) -> tuple[str, str]:
        """SHA-256 and place of the rows of an encoder of `weights: given`, which reads them instead of computing them."""
        raise NotImplementedError(f"{type(self).__name__} computes its rows")

    def model_weights(self, *, cache_dir: Path) -> tuple[str, str]:
        """SHA-256 and origin of the weights that `build` read from a model's files, for `weights: model`."""
        raise NotImplementedError(f"{type(self).__name__} is not built from a model's files")

    @torch.inference_mode()
    def embed(self, structures: Sequence[Structure]) -> Tensor:
        """(n, dimension) float32 embeddings of a few proteins, in evaluation mode, on the encoder's device."""
        self.eval()
        device = next(self.parameters(), torch.empty(0)).device
        batch = to_device(self.collate([self.featurise(s) for s in structures]), device)
        return self.readout(self(batch), batch).float()


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The batch with every tensor on `device`."""
    return {key: value.to(device) if isinstance(value, Tensor) else value for key, value in batch.items()}
