"""GVP: the structural encoder of "Learning from Protein Structure with Geometric Vector Perceptrons" (arXiv 2009.01411).

Sizes are those of the published TensorFlow checkpoint: node embedding of 8 vectors and 100 scalars, edges of 1 and 32,
hidden 16 and 100, 30 neighbours, three layers. It sees the backbone only. A vector channel is three components; tensors
of vectors are (..., 3, channels), as in the original.

The original adds biases to vectors, which ties its output to the frame of the coordinates. Here these biases are buffers
at zero that training leaves alone, so the encoder is equivariant; the published weights bring theirs along, and with them
the `invariants` pooling is invariant only as far as those biases are small.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from ....compute.fast_linear import linear
from ....errors import ProteinRejected
from ....proteins.structure import Structure
from ..interface import Batch, Features, StructureEncoder
from ..tensorflow_checkpoint import read_state
from .block import Gvp
from .features import POSITIONAL, RADIAL, backbone_geometry
from .weights import official_state_dict

VECTORS, SCALARS = 16, 100  # hidden channels
LAYERS = 3
_SMALLEST = 1e-8  # of a squared norm, as in the original
_KERAS_EPSILON = 1e-3  # of its layer normalisation

Vectors: TypeAlias = Tensor  # (..., 3, channels)
Channels: TypeAlias = tuple[Vectors, Tensor]  # vectors, and scalars (..., channels)
BLOCK = {"cpu": 64}  # residues whose messages are made at a time: so many stay in the cache; elsewhere all at once


def build(config: Gvp) -> StructureEncoder:
    """The encoder of a `gvp` block, with fresh weights."""
    return GvpEncoder(pooling=config.pooling)


def norm(vectors: Vectors) -> Tensor:
    """(..., channels) lengths, at least 1e-4 so that their gradient is finite."""
    return vectors.square().sum(-2).clamp(min=_SMALLEST).sqrt()


class Perceptron(nn.Module):
    """One geometric vector perceptron: vectors and scalars in, vectors and scalars out.

    `gated` ends in a ReLU for scalars and a sigmoid of its own length for each vector, `linear` in neither.
    """

    def __init__(
        self, inputs: tuple[int, int], outputs: tuple[int, int], *, kind: Literal["gated", "linear"] = "linear"
    ) -> None:
        super().__init__()
        hidden = max(inputs[0], outputs[0])
        self.kind, self.scalars = kind, inputs[1]
        self.wh = nn.Parameter(nn.init.xavier_uniform_(torch.empty(inputs[0], hidden)))
        self.ws = nn.Parameter(nn.init.xavier_uniform_(torch.empty(inputs[1] + hidden, outputs[1])))
        self.wv = nn.Parameter(nn.init.xavier_uniform_(torch.empty(hidden, outputs[0])))
        self.bs = nn.Parameter(torch.zeros(outputs[1]))
        self.register_buffer("bh", torch.zeros(hidden))
        self.register_buffer("bv", torch.zeros(outputs[0]))

    def forward(self, vectors: Vectors, scalars: Tensor) -> Channels:
        return self.finish(linear(vectors, self.wh.T, self.bh), linear(scalars, self.ws[: self.scalars].T, self.bs))

    def finish(self, hidden: Vectors, scalars: Tensor) -> Channels:
        """The outputs from hidden vectors and what the input scalars contribute to the output scalars."""
        scalars = scalars + linear(norm(hidden), self.ws[self.scalars :].T)
        vectors = linear(hidden, self.wv.T, self.bv)
        if self.kind == "linear":
            return vectors, scalars
        return vectors * norm(vectors).sigmoid().unsqueeze(-2), scalars.relu()


class Norm(nn.Module):
    """Layer normalisation of scalars; vectors are divided by the root mean square of their lengths."""

    def __init__(self) -> None:
        super().__init__()
        self.scalar = nn.LayerNorm(SCALARS, eps=_KERAS_EPSILON)

    def forward(self, vectors: Vectors, scalars: Tensor) -> Channels:
        size = norm(vectors).square().mean(-1).sqrt()
        return vectors / size[..., None, None], self.scalar(scalars)


class Layer(nn.Module):
    """Mean over neighbours of a message from both residues and their edge, then a step at each residue by itself."""

    def __init__(self) -> None:
        super().__init__()
        one = (VECTORS, SCALARS)
        both_and_edge = (2 * VECTORS + 1, 3 * SCALARS)
        wide = (2 * VECTORS, 4 * SCALARS)
        self.message = nn.ModuleList(
            [Perceptron(both_and_edge, one, kind="gated"), Perceptron(one, one, kind="gated"), Perceptron(one, one)]
        )
        self.step = nn.ModuleList([Perceptron(one, wide, kind="gated"), Perceptron(wide, one)])
        self.norms = nn.ModuleList([Norm(), Norm()])

    def forward(self, nodes: Channels, edges: Channels, neighbour: Tensor, share: Tensor) -> Channels:
        """share: (n, k) 1 / (number of neighbours) at filled places, 0 at others."""
        received, sent = self._node_terms(nodes)
        size = BLOCK.get(neighbour.device.type, len(neighbour))
        blocks = zip(*(t.split(size) for t in (*received, *edges, neighbour, share)), strict=True)
        means = [self._mean_message((rv, rs), sent, (ev, es), j, w) for rv, rs, ev, es, j, w in blocks]
        v, s = (torch.cat(part) for part in zip(*means, strict=True))
        nodes = self.norms[0](nodes[0] + v, nodes[1] + s)
        v, s = self.step[1](*self.step[0](*nodes))
        return self.norms[1](nodes[0] + v, nodes[1] + s)

    def _node_terms(self, nodes: Channels) -> tuple[Channels, Channels]:
        """What residues add to the first perceptron of messages they receive and of those they send.

        Its products with residues are made here, per residue (n), and not per edge (30 n).
        """
        own_v, _, other_v = self.message[0].wh.split([VECTORS, 1, VECTORS])
        own_s, _, other_s = self.message[0].ws[: 3 * SCALARS].split(SCALARS)
        received = linear(nodes[0], own_v.T, self.message[0].bh), linear(nodes[1], own_s.T, self.message[0].bs)
        return received, (linear(nodes[0], other_v.T), linear(nodes[1], other_s.T))

    def _mean_message(
        self, received: Channels, sent: Channels, edges: Channels, neighbour: Tensor, share: Tensor
    ) -> Channels:
        """Mean over the neighbours of a block of residues of the message from each; `sent` is of all residues."""
        first = self.message[0]
        hidden = received[0][:, None] + sent[0][neighbour] + edges[0] @ first.wh[VECTORS : VECTORS + 1]
        scalars = received[1][:, None] + sent[1][neighbour] + linear(edges[1], first.ws[SCALARS : 2 * SCALARS].T)
        v, s = first.finish(hidden, scalars)
        for perceptron in self.message[1:]:
            v, s = perceptron(v, s)
        return torch.einsum("nkxc,nk->nxc", v, share), torch.einsum("nkc,nk->nc", s, share)


class GvpEncoder(StructureEncoder):
    """GVP's structural encoder; `invariants` pools to lengths and scalars, `components` to raw means (148-d both)."""

    residue_dimension = dimension = 3 * VECTORS + SCALARS  # 148
    requirement = Gvp.requirement

    def __init__(self, *, pooling: Literal["invariants", "components"] = "invariants") -> None:
        super().__init__()
        self.pooling = pooling
        self.node_embedding = Perceptron((3, 6), (8, SCALARS))
        self.edge_embedding = Perceptron((1, RADIAL + POSITIONAL), (1, 32))
        self.node_norm = nn.LayerNorm(SCALARS, eps=_KERAS_EPSILON)
        self.edge_norm = nn.LayerNorm(32, eps=_KERAS_EPSILON)
        self.node_in = Perceptron((8, SCALARS), (VECTORS, SCALARS))
        self.edge_in = Perceptron((1, 32), (1, SCALARS))
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def featurise(self, structure: Structure) -> Features:
        whole = structure.has_backbone
        if whole.sum() < (fewest := self.requirement.min_residues):
            raise ProteinRejected(f"{whole.sum()} residues with N, CA, C and O; GVP needs {fewest}")
        geometry = backbone_geometry(structure.backbone[whole], structure.residue_chain[whole])
        return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in geometry._asdict().items()}

    def collate(self, features: Sequence[Features]) -> Batch:
        sizes = torch.tensor([len(f["neighbour"]) for f in features])
        protein = torch.repeat_interleave(torch.arange(len(features)), sizes)
        batch = {name: torch.cat([f[name] for f in features]) for name in features[0]}
        batch["neighbour"] += (sizes.cumsum(0) - sizes)[protein][:, None]
        return batch | {"residue_protein": protein, "n_proteins": len(features)}

    def embed_features(self, batch: Batch) -> tuple[Channels, Channels]:
        """Nodes (n, 3, 8), (n, 100) and edges (n, k, 3, 1), (n, k, 32): the original's V and E."""
        nodes = self.node_embedding(batch["node_vectors"], batch["node_scalars"])
        edges = self.edge_embedding(batch["edge_vectors"], batch["edge_scalars"])
        return (nodes[0], self.node_norm(nodes[1])), (edges[0], self.edge_norm(edges[1]))

    def forward(self, batch: Batch) -> Tensor:
        """(n_residues, 148): 3 x 16 vector components (x of all channels first), then 100 scalars."""
        nodes, edges = self.embed_features(batch)
        nodes, edges = self.node_in(*nodes), self.edge_in(*edges)
        filled = batch["filled"].to(edges[1].dtype)
        share = filled / filled.sum(1, keepdim=True)
        for layer in self.layers:
            nodes = layer(nodes, edges, batch["neighbour"], share)
        return torch.cat([nodes[0].flatten(1), nodes[1]], 1)

    def residue_invariants(self, residues: Tensor) -> Tensor:
        """(n_residues, 116) lengths of the 16 vectors and the scalars, from forward's features."""
        return torch.cat([norm(_vectors(residues)), residues[:, 3 * VECTORS :]], 1)

    def readout(self, residues: Tensor, batch: Batch) -> Tensor:
        """(n_proteins, 148): by the pooling, raw means, or (paper A.4.2) mean scalars (100) and of each vector the
        mean length, the length of the mean and the standard deviation of the length (3 x 16)."""
        means = _means(residues, batch)
        if self.pooling == "components":
            return means
        length = norm(_vectors(residues))
        mean_length = _means(length, batch)
        deviation = _means((length - mean_length[batch["residue_protein"]]).square(), batch).clamp(min=_SMALLEST).sqrt()
        return torch.cat([means[:, 3 * VECTORS :], mean_length, norm(_vectors(means)), deviation], 1)

    def read_official(self, path: Path) -> dict[str, Tensor]:
        """This module's state from the published TensorFlow checkpoint, of which `path` is the index."""
        return read_state(path, lambda arrays: official_state_dict(arrays, self.state_dict()))


def _vectors(residues: Tensor) -> Vectors:
    return residues[:, : 3 * VECTORS].unflatten(1, (3, VECTORS))


def _means(values: Tensor, batch: Batch) -> Tensor:
    """(n_proteins, d) means of (n_residues, d) over each protein's residues."""
    count = torch.bincount(batch["residue_protein"], minlength=batch["n_proteins"])
    total = values.new_zeros(batch["n_proteins"], values.shape[1]).index_add(0, batch["residue_protein"], values)
    return total / count[:, None]
