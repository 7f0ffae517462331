"""GAT: graph attention on the atoms of a protein (arXiv 1710.10903), mean over atoms.

Two encoders share the graph, edges under 5 angstrom between heavy atoms of the polymer:

- the default sees what kind of atom each is and who is near, so it is invariant under rotation and translation;
- `weights: cora` is the paper's control: a layer trained on a citation graph, fed the element symbol's first letter and
  the raw coordinates. Differs from the authors' code in the atoms (theirs include water, ligands and every altloc).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor, nn

from ....compute.sparse_attention import Edges, SparseAttention
from ....errors import ProteinRejected
from ....proteins.structure import BACKBONE, Structure
from ..interface import Batch, Features, StructureEncoder
from ..tensorflow_checkpoint import read_state
from .block import Gat
from .weights import official_state_dict

CUTOFF = 5.0  # angstrom
ELEMENTS = (6, 7, 8, 16, 34)  # C N O S Se; any other element has a column of its own
HEADS, WIDTH = 8, 8
LAYERS = 2  # one layer sees 5 angstrom, two see 10
TYPICAL_NEIGHBOURS = 20.0  # of an atom inside a protein


def build(config: Gat, attention: type[SparseAttention] = SparseAttention) -> StructureEncoder:
    """The encoder of a `gat` block, with fresh weights. attention: the layer, if computed in another way (`pyg.py`)."""
    return CoraGat(attention) if config.weights == "cora" else AtomGat(attention)


class _Gat(StructureEncoder):
    """The graph of atoms and both readouts; subclasses say what an atom is and what happens to it."""

    dimension = residue_dimension = HEADS * WIDTH
    requirement = Gat.requirement

    def atom_features(self, structure: Structure, n_neighbours: NDArray[np.int64]) -> NDArray[np.float32]:
        """(a, features) of one protein, whose atoms have so many others under 5 angstrom."""
        raise NotImplementedError

    def atoms(self, features: Tensor, edges: Edges) -> Tensor:
        """(a, 64) from each atom's features and neighbours."""
        raise NotImplementedError

    def featurise(self, structure: Structure) -> Features:
        if structure.n_atoms == 0:
            raise ProteinRejected("no heavy atom of a polypeptide")
        start, sender = atom_edges(structure.atom_xyz)
        return {
            "features": torch.from_numpy(self.atom_features(structure, np.diff(start) - 1)),
            "start": torch.from_numpy(start),
            "sender": torch.from_numpy(sender),
            "atom_residue": torch.from_numpy(structure.atom_residue.astype(np.int64)),
            "n_residues": structure.n_residues,
        }

    def collate(self, features: Sequence[Features]) -> Batch:
        n_residues = torch.tensor([f["n_residues"] for f in features])
        n_atoms = torch.tensor([len(f["features"]) for f in features])
        n_edges = torch.tensor([len(f["sender"]) for f in features])
        rows = torch.cat([f["start"].diff() for f in features])
        return {
            "features": torch.cat([f["features"] for f in features]),
            "start": torch.cat([torch.zeros(1, dtype=torch.int64), rows.cumsum(0)]),
            "sender": _shifted([f["sender"] for f in features], n_atoms, n_edges),
            "receiver": torch.repeat_interleave(torch.arange(len(rows)), rows),
            "atom_residue": _shifted([f["atom_residue"] for f in features], n_residues, n_atoms),
            "residue_protein": torch.repeat_interleave(torch.arange(len(features)), n_residues),
            "n_proteins": len(features),
        }

    def forward(self, batch: Batch) -> Tensor:
        """(n_residues, 64): the mean over each residue's atoms."""
        atoms = self.atoms(batch["features"], Edges(batch["start"], batch["sender"], batch["receiver"]))
        count = torch.bincount(batch["atom_residue"], minlength=len(batch["residue_protein"]))
        total = atoms.new_zeros(len(count), atoms.shape[1]).index_add(0, batch["atom_residue"], atoms)
        return total / count.clamp(min=1)[:, None]

    def readout(self, residues: Tensor, batch: Batch) -> Tensor:
        """(n_proteins, 64): the mean over atoms, which is that over residues weighted by their atoms."""
        count = torch.bincount(batch["atom_residue"], minlength=len(residues)).to(residues.dtype)
        of_protein = batch["residue_protein"]
        total = residues.new_zeros(batch["n_proteins"], residues.shape[1])
        n_atoms = residues.new_zeros(batch["n_proteins"]).index_add(0, of_protein, count)
        return total.index_add(0, of_protein, residues * count[:, None]) / n_atoms[:, None]


class AtomGat(_Gat):
    """The default: each atom's element, place in the backbone and number of neighbours, then two attention layers.

    Each layer adds to an atom what its neighbours and it itself are, after ELU. The number of neighbours is an input
    because attention takes means, which cannot count, and how buried an atom lies is much of what can be learned.
    """

    def __init__(self, attention: type[SparseAttention] = SparseAttention) -> None:
        super().__init__()
        width = HEADS * WIDTH
        self.embedding = nn.Linear(len(ELEMENTS) + 1 + len(BACKBONE) + 1 + 1, width)
        self.attention = nn.ModuleList(attention(width, heads=HEADS, width=WIDTH) for _ in range(LAYERS))
        self.own = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(LAYERS))

    def atom_features(self, structure: Structure, n_neighbours: NDArray[np.int64]) -> NDArray[np.float32]:
        """(a, 12): one-hots of C N O S Se other, of N CA C O side chain, and the relative number of neighbours."""
        element = structure.atom_element[:, None] == np.array(ELEMENTS, dtype=np.uint8)
        backbone = structure.atom_name[:, None] == np.array(BACKBONE)
        others = [~kind.any(axis=1, keepdims=True) for kind in (element, backbone)]
        buried = (n_neighbours / TYPICAL_NEIGHBOURS - 1)[:, None]
        return np.concatenate([element, others[0], backbone, others[1], buried], axis=1).astype(np.float32)

    def atoms(self, features: Tensor, edges: Edges) -> Tensor:
        hidden = self.embedding(features)
        for attention, own in zip(self.attention, self.own, strict=True):
            hidden = hidden + attention(hidden, edges, own(hidden))
        return hidden


class CoraGat(_Gat):
    """The paper's GAT: one layer whose weights come from the Cora citation graph. Not invariant; a control.

    Of the 1,433 inputs of the original only the first four are ever non-zero, so only their weights are kept.
    """

    def __init__(self, attention: type[SparseAttention] = SparseAttention) -> None:
        super().__init__()
        self.layer = attention(4, heads=HEADS, width=WIDTH)

    def atom_features(self, structure: Structure, n_neighbours: NDArray[np.int64]) -> NDArray[np.float32]:
        """(a, 4): code point of the element symbol's first letter, and x, y, z in angstrom."""
        letter = _first_letters()[structure.atom_element]
        return np.concatenate([letter[:, None], structure.atom_xyz], axis=1).astype(np.float32)  # (a, 4)

    def atoms(self, features: Tensor, edges: Edges) -> Tensor:
        return self.layer(features, edges)

    def read_official(self, path: Path) -> dict[str, Tensor]:
        """This module's state from the published TensorFlow checkpoint, of which `path` is the index."""
        return read_state(path, lambda arrays: official_state_dict(arrays, heads=HEADS))


def atom_edges(xyz: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Edges under 5 angstrom, both ways, and each atom with itself: starts (a + 1,) and senders (e,), see `Edges`."""
    n, reach = len(xyz), np.nextafter(CUTOFF, 0)
    tree = cKDTree(xyz.astype(np.float64), leafsize=16, balanced_tree=False, compact_nodes=False)
    first, second = tree.query_pairs(reach, output_type="ndarray").T
    itself = np.arange(n)
    edges = np.sort(np.concatenate([first * n + second, second * n + first, itself * n + itself]))
    receiver, sender = np.divmod(edges, n)
    start = np.concatenate([[0], np.bincount(receiver, minlength=n).cumsum()])
    return start.astype(np.int64), sender.astype(np.int64)


def _shifted(indices: list[Tensor], sizes: Tensor, counts: Tensor) -> Tensor:
    """One protein's indices after the other, shifted by the sizes of those before."""
    return torch.cat(indices) + torch.repeat_interleave(sizes.cumsum(0) - sizes, counts)


def _first_letters() -> NDArray[np.float32]:
    """(119,) code point of the first letter of each element's symbol, by atomic number (the original has no more)."""
    import gemmi

    return np.array([ord(gemmi.Element(number).name[0]) for number in range(119)], dtype=np.float32)
