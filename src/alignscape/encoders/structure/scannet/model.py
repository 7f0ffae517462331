"""ScanNet (Tubiana, Schneidman-Duhovny & Wolfson 2022): a residue described by the atoms and residues around it.

The published binding-site network up to its layer `SCAN_filter_activity_aa`, 128 numbers a residue, averaged over the
residues. Two stages of the same kind, atoms first: a point's 16 nearest neighbours are seen from its own frame, filters
respond to arrangements of chemical kinds in space, attention pools atoms to residues.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ....compute.fast_linear import FastLinear
from ....errors import ProteinRejected, UserError
from ....proteins.structure import UNKNOWN, Structure
from ..interface import Batch, Features, StructureEncoder
from .block import ScanNet as ScanNetConfig
from .chemistry import KINDS
from .features import (
    Preprocessing,
    atom_cloud,
    atoms_to_pool,
    complete,
    known_atoms,
    nearest,
    residue_cloud,
)
from .layers import AttentionPooling, MaskedNorm, NeighbourhoodFilters
from .weights import official_state_dict

ATOM_FILTERS, RESIDUE_FILTERS = 128, 128
POOLED, EMBEDDED_TYPE = 64, 32
GAUSSIANS = 32
# Radii (angstrom) that hold the 16 nearest atoms and residues of nearly every point of a folded protein.
ATOM_RADIUS, RESIDUE_RADIUS = 5.0, 11.0
# A one-hot attribute of unit mean square over the kinds, as the original scales it.
KIND_SCALE = len(KINDS) ** 0.5

# What is an index into the rows of which other tensor, and so shifts when proteins are joined.
_POINTS_TO = {"atom_neighbour": "atom_kind", "residue_atoms": "atom_kind", "residue_neighbour": "residue_type"}


class ScanNet(StructureEncoder):
    """Invariant under rotation, translation, the order of atoms in a residue and (protein embedding) of chains.

    With `preprocessing: original` only translation is promised: that one repeats the published code where it takes
    directions from the file's axes, runs from one chain into the next, and does not know selenomethionine.
    """

    dimension = RESIDUE_FILTERS
    residue_dimension = RESIDUE_FILTERS
    requirement = ScanNetConfig.requirement

    def __init__(self, *, preprocessing: Preprocessing = "invariant") -> None:
        super().__init__()
        self.preprocessing = preprocessing
        self.atom_filters = NeighbourhoodFilters(len(KINDS), ATOM_FILTERS, gaussians=GAUSSIANS, radius=ATOM_RADIUS)
        self.atom_norm = MaskedNorm(ATOM_FILTERS)
        self.pooling = AttentionPooling(ATOM_FILTERS, POOLED)
        self.pooling_norm = MaskedNorm(POOLED)
        self.type_projection = FastLinear(UNKNOWN, EMBEDDED_TYPE, bias=False)
        self.type_norm = MaskedNorm(EMBEDDED_TYPE)
        self.residue_filters = NeighbourhoodFilters(
            EMBEDDED_TYPE + POOLED, RESIDUE_FILTERS, gaussians=GAUSSIANS, radius=RESIDUE_RADIUS
        )
        self.residue_norm = MaskedNorm(RESIDUE_FILTERS)

    def featurise(self, structure: Structure) -> Features:
        """Points with their frames' spanning points, kinds and neighbours. a atoms, r residues.

        atom_points (a, 3, 3), atom_kind (a,), atom_neighbour (a, 16), residue_points (r, 3, 3), residue_type (r,),
        residue_neighbour (r, 16), residue_atoms (r, 14), residue_n_atoms (r,). Raises ProteinRejected for a protein without residues.
        """
        if not structure.n_residues:
            raise ProteinRejected("no residues")
        atoms = known_atoms(structure, preprocessing=self.preprocessing)
        features: Features = {"atom_kind": atoms.kind, "residue_type": structure.residue_type.astype(np.int64)}
        for level, build_cloud in (("atom", atom_cloud), ("residue", residue_cloud)):
            cloud = build_cloud(atoms, structure, preprocessing=self.preprocessing)
            neighbour = nearest(cloud.xyz)
            features[f"{level}_points"] = complete(cloud, neighbour, preprocessing=self.preprocessing)
            features[f"{level}_neighbour"] = neighbour
        pooled, n_own = atoms_to_pool(atoms, structure, preprocessing=self.preprocessing)
        features |= {"residue_atoms": pooled, "residue_n_atoms": n_own}
        return {name: torch.from_numpy(array) for name, array in features.items()}

    def collate(self, features: Sequence[Features]) -> Batch:
        """One batch whose indices point into the joined rows; no neighbourhood holds points of two proteins."""
        batch: Batch = {}
        for name in features[0]:
            parts = [protein[name] for protein in features]
            if name in _POINTS_TO:
                sizes = [len(protein[_POINTS_TO[name]]) for protein in features]
                first = np.cumsum([0, *sizes[:-1]])
                parts = [
                    torch.where(part >= 0, part + int(start), -1) for part, start in zip(parts, first, strict=True)
                ]
            batch[name] = torch.cat(parts)
        lengths = torch.tensor([len(protein["residue_type"]) for protein in features])
        batch["residue_protein"] = torch.arange(len(features)).repeat_interleave(lengths)
        batch["n_proteins"] = len(features)
        return batch

    def forward(self, batch: Batch) -> Tensor:
        """(r, 128) non-negative features a residue."""
        pooled = self.pool_atoms(batch)
        types = batch["residue_type"]
        one_hot = F.one_hot(types, UNKNOWN + 1)[:, :UNKNOWN].to(pooled.dtype)  # a row of zeros if unknown
        embedded = self.type_norm(self.type_projection(one_hot), types != UNKNOWN).relu()
        attributes = torch.cat([embedded, pooled], dim=1)  # (r, 96)
        filters = self.residue_filters(batch["residue_points"], batch["residue_neighbour"], attributes)
        return self.residue_norm(filters).relu()

    def pool_atoms(self, batch: Batch) -> Tensor:
        """(r, 64) what the atoms of each residue see around them."""
        kinds = KIND_SCALE * F.one_hot(batch["atom_kind"], len(KINDS)).to(self.atom_filters.weight.dtype)
        filters = self.atom_filters(batch["atom_points"], batch["atom_neighbour"], kinds)  # (a, 128)
        pooled = self.pooling(self.atom_norm(filters).relu(), batch["residue_atoms"], batch["residue_n_atoms"])
        return self.pooling_norm(pooled).relu()

    def readout(self, residues: Tensor, batch: Batch) -> Tensor:
        """(n, 128) mean over each protein's residues."""
        total = residues.new_zeros(batch["n_proteins"], residues.shape[1])
        total.index_add_(0, batch["residue_protein"], residues)
        return total / torch.bincount(batch["residue_protein"], minlength=batch["n_proteins"])[:, None]

    def read_official(self, path: Path) -> dict[str, Tensor]:
        """The arrays of the published Keras file."""
        try:
            return official_state_dict(path)
        except (IndexError, ValueError) as error:
            raise UserError(f"{path}: does not fit the encoder: an array has another shape: {error}") from None


def build(config: ScanNetConfig) -> ScanNet:
    """The encoder with fresh weights, drawn from torch's current generator."""
    return ScanNet(preprocessing=config.preprocessing)
