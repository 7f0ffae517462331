"""GearNet-Edge: relational convolutions on residues, and between edges by the angle at which they meet.

Reference: arXiv 2203.06125 and TorchDrug 0.2.1, whose names of weights are kept so that its published checkpoints load
as they are, and whose outputs are the oracle of the parity test. The arithmetic is arranged differently: neighbour
sums use `embedding_bag` in blocks, each followed by one matrix product, so that no array of (edges, 8 x width) exists; edges
that join the same two residues share their sums, since angles belong to residues.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ....compute.fast_linear import FastLinear
from ....errors import ProteinRejected
from ....proteins.structure import AMINO_ACIDS, Structure
from ..interface import Batch, Features, StructureEncoder
from .block import GearNet as GearNetConfig
from .graph import N_RELATIONS, ResidueGraph, residue_graph
from .line_graph import N_ANGLE_BINS, line_graph, line_graph_on_device, n_meetings
from .weights import torchdrug_state

TORCHDRUG_ORDER = "GASPVTCILNDQKEMHFRYW"  # the checkpoints' order of amino acids; index 20 is unknown
N_TYPES = len(TORCHDRUG_ORDER)
MAX_SEQUENCE_DISTANCE = 10  # one-hot of 0 to 10 and more
INPUT_DIMENSION = N_TYPES + 1
EDGE_DIMENSION = 2 * N_TYPES + N_RELATIONS + MAX_SEQUENCE_DISTANCE + 1 + 1  # 59
PROCESSOR = torch.device("cpu")
BLOCK_BYTES = {"cpu": 2**25, "cuda": 2**30}  # of gathered rows at a time; on the CPU about the last-level cache

_TO_TORCHDRUG = torch.tensor([TORCHDRUG_ORDER.index(letter) for letter in AMINO_ACIDS] + [N_TYPES])
_JOINED = ("residue_type", "edge_source", "edge_target", "edge_relation", "edge_distance", "edge_pair")
_ANGLES, _FOR_ANGLES = ("line_graph",), ("xyz", "pairs")  # what a processor has made, and what a GPU makes it of


def build(config: GearNetConfig) -> "GearNet":
    """A GearNet with fresh weights, of the widths and readout of its config block."""
    return GearNet(config.hidden, readout=config.readout)


class RelationalConvolution(nn.Module):
    """Neighbour sums of each relation side by side, a linear map of them and of the row itself, batch norm, ReLU."""

    def __init__(self, n_in: int, n_out: int, n_relations: int) -> None:
        super().__init__()
        self.self_loop = FastLinear(n_in, n_out)
        self.linear = FastLinear(n_relations * n_in, n_out)
        self.batch_norm = nn.BatchNorm1d(n_out)

    def forward(self, rows: Tensor, update: Tensor) -> Tensor:
        """(n, n_out) from rows (n, n_in) and the linear map of their neighbour sums, `update` (n, n_out)."""
        return torch.relu(self.batch_norm(self.self_loop(rows) + update))


class GearNet(StructureEncoder):
    """GearNet-Edge with batch norm, shortcuts, and the outputs of all layers side by side.

    It is invariant under rotation, translation and mirroring, and under the order of atoms. It is not invariant under the
    order of chains in the file: see `graph.py`.
    """

    requirement = GearNetConfig.requirement

    def __init__(self, hidden: Sequence[int], *, readout: str = "sum") -> None:
        super().__init__()
        widths = [INPUT_DIMENSION, *hidden]
        edge_widths = [EDGE_DIMENSION, *widths[:-1]]
        self.layers = nn.ModuleList(map(_node_layer, widths[:-1], widths[1:]))
        self.edge_layers = nn.ModuleList(map(_edge_layer, edge_widths[:-1], edge_widths[1:]))
        self.batch_norms = nn.ModuleList(nn.BatchNorm1d(width) for width in hidden)
        self.dimension = self.residue_dimension = sum(hidden)
        self.readout_kind = readout

    def featurise(self, structure: Structure) -> Features:
        """The graph of the residues that have a C-alpha."""
        present = structure.has_ca
        if present.sum() < (fewest := self.requirement.min_residues):
            raise ProteinRejected(f"{present.sum()} residues with a C-alpha, GearNet needs {fewest}")
        xyz, types = structure.ca[present], structure.residue_type[present]
        graph = residue_graph(xyz, structure.residue_chain[present])
        return graph_features(types, graph, next(self.parameters()).device)

    def collate(self, features: Sequence[Features]) -> Batch:
        """Graphs side by side: indices shifted, nothing joined."""
        n_residues = [len(f["residue_type"]) for f in features]
        n_pairs = [f["n_pairs"] for f in features]
        shifts = {"edge_source": n_residues, "edge_target": n_residues, "edge_pair": n_pairs}
        shifts |= {"line_graph": n_pairs, "pairs": n_residues}
        keys = [*_JOINED, *(_ANGLES if "line_graph" in features[0] else _FOR_ANGLES)]
        batch = {key: _joined([f[key] for f in features], shifts.get(key)) for key in keys}
        batch |= {"n_pairs": sum(n_pairs), "n_proteins": len(features)}
        if "line_graph" in batch:
            batch["line_graph_start"] = _starts(torch.cat([f["line_graph_start"].diff() for f in features]))
        else:
            batch["n_meetings"] = sum(f["n_meetings"] for f in features)
        batch["residue_protein"] = torch.repeat_interleave(torch.arange(len(features)), torch.tensor(n_residues))
        return batch

    def forward(self, batch: Batch) -> Tensor:
        """(n, sum of hidden) features: the outputs of all layers."""
        graph = _Bags(batch)
        rows = functional.one_hot(batch["residue_type"], INPUT_DIMENSION).to(self._dtype)  # (n, 21)
        edge_rows = edge_features(batch).to(self._dtype)  # (e, 59)
        outputs = []
        for layer, edge_layer, norm in zip(self.layers, self.edge_layers, self.batch_norms, strict=True):
            edge_rows = edge_layer(edge_rows, graph.line_graph_sum(edge_rows, edge_layer.linear))
            new = layer(rows, graph.from_neighbours(rows, layer.linear))
            if new.shape == rows.shape:
                new = new + rows
            rows = norm(new + torch.relu(graph.from_edges(edge_rows, layer.linear)))  # (n, hidden)
            outputs.append(rows)
        return torch.cat(outputs, dim=1)

    def readout(self, residues: Tensor, batch: Batch) -> Tensor:
        """(n_proteins, d) sum or mean over residues."""
        total = residues.new_zeros(batch["n_proteins"], residues.shape[1])
        total.index_add_(0, batch["residue_protein"], residues)
        if self.readout_kind == "sum":
            return total
        return total / torch.bincount(batch["residue_protein"], minlength=batch["n_proteins"])[:, None]

    def read_official(self, path: Path) -> dict[str, Tensor]:
        """The arrays of one of TorchDrug's `.pth` files, whose names are ours."""
        return torchdrug_state(path)

    @property
    def _dtype(self) -> torch.dtype:
        return self.layers[0].linear.weight.dtype


def _node_layer(n_in: int, n_out: int) -> RelationalConvolution:
    return RelationalConvolution(n_in, n_out, N_RELATIONS)


def _edge_layer(n_in: int, n_out: int) -> RelationalConvolution:
    return RelationalConvolution(n_in, n_out, N_ANGLE_BINS)


def torchdrug_types(types: np.ndarray) -> Tensor:
    """(n,) types in TorchDrug's order, from ours (n,)."""
    return _TO_TORCHDRUG[torch.from_numpy(types.astype(np.int64))]


def graph_features(types: np.ndarray, graph: ResidueGraph, device: torch.device = PROCESSOR) -> Features:
    """One protein's tensors from its residue types (n,) in our order and its graph, for a model on `device`.

    On a GPU the model makes the angles of a whole batch itself; for it the positions are among the tensors instead.
    """
    source, target, relation = torch.from_numpy(graph.edges).unbind(dim=1)
    features = {
        "residue_type": torchdrug_types(types),
        "edge_source": source,
        "edge_target": target,
        "edge_relation": relation,
        "edge_distance": torch.from_numpy(graph.distance),
        "edge_pair": torch.from_numpy(graph.edge_pair),
        "n_pairs": len(graph.pairs),
    }
    if device.type == "cuda":
        n = n_meetings(len(graph.xyz), graph.pairs)
        return features | {"xyz": torch.from_numpy(graph.xyz), "pairs": torch.from_numpy(graph.pairs), "n_meetings": n}
    incoming, start = map(torch.from_numpy, line_graph(graph.xyz, graph.pairs))
    return features | {"line_graph": incoming, "line_graph_start": start}


def edge_features(batch: Batch) -> Tensor:
    """(e, 59): types of both ends, relation, distance in sequence and in angstrom."""
    source, target = batch["edge_source"], batch["edge_target"]
    known = batch["residue_type"] % N_TYPES  # an unknown residue counts as glycine, number 0, in the original's edges
    types = functional.one_hot(known, N_TYPES)
    apart = (source - target).abs().clamp(max=MAX_SEQUENCE_DISTANCE)
    hot = [types[source], types[target], functional.one_hot(batch["edge_relation"], N_RELATIONS)]
    hot.append(functional.one_hot(apart, MAX_SEQUENCE_DISTANCE + 1))
    return torch.cat([*hot, batch["edge_distance"][:, None]], dim=1)


class _Bags:
    """The three sums over neighbours of a batch's graph, each followed by its linear map."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        n, relation = len(batch["residue_type"]), batch["edge_relation"]
        sizes = torch.bincount(batch["edge_target"] * N_RELATIONS + relation, minlength=n * N_RELATIONS)
        self.node_start = _starts(sizes)  # edges are sorted by target and relation
        self.by_pair = batch["edge_pair"].argsort(stable=True)
        self.pair_start = _starts(torch.bincount(batch["edge_pair"], minlength=batch["n_pairs"]))
        self.every_edge = torch.arange(len(relation), device=relation.device)
        if "line_graph" in batch:
            self.line_graph, self.line_graph_start = batch["line_graph"], batch["line_graph_start"]
        else:
            made = line_graph_on_device(batch["xyz"], batch["pairs"], batch["n_meetings"])
            self.line_graph, self.line_graph_start = made
        # Where to cut into blocks is decided on the processor: a GPU is waited for twice a batch, and not in each layer.
        self.node_start_here, self.line_graph_start_here = self.node_start.cpu(), self.line_graph_start.cpu()

    def from_neighbours(self, rows: Tensor, linear: nn.Linear) -> Tensor:
        """(n, out) from residue rows (n, in) summed over incoming edges by relation."""
        return _mapped_sums(rows, self.batch["edge_source"], self.node_start, self.node_start_here, linear)

    def from_edges(self, edge_rows: Tensor, linear: nn.Linear) -> Tensor:
        """(n, out) from edge rows (e, in) summed over incoming edges by relation."""
        return _mapped_sums(edge_rows, self.every_edge, self.node_start, self.node_start_here, linear)

    def line_graph_sum(self, edge_rows: Tensor, linear: nn.Linear) -> Tensor:
        """(e, out) from edge rows (e, in) summed over the edges that end at an edge's source, by angle."""
        pair_rows = _neighbour_sums(edge_rows, self.by_pair, self.pair_start)  # (p, in)
        starts = self.line_graph_start, self.line_graph_start_here
        mapped = _mapped_sums(pair_rows, self.line_graph, *starts, linear)
        return mapped[self.batch["edge_pair"]]


def _mapped_sums(rows: Tensor, index: Tensor, start: Tensor, start_here: Tensor, linear: nn.Linear) -> Tensor:
    """(n, out): `linear` of sums of rows, the sums of one output row side by side.

    In blocks, so that the gathered rows stay in the cache and memory does not grow with the number of edges.
    start_here: `start` on the processor.
    """
    per_row = linear.in_features // rows.shape[1]
    n = (len(start) - 1) // per_row
    outputs = [
        linear(
            _neighbour_sums(rows, index[a:b], start[i * per_row : j * per_row + 1] - a).view(j - i, linear.in_features)
        )
        for i, j, a, b in _blocks(start_here, n, per_row, linear.in_features * rows.element_size(), rows.device)
    ]
    return outputs[0] if len(outputs) == 1 else torch.cat(outputs)


def _blocks(
    start: Tensor, n: int, per_row: int, row_bytes: int, device: torch.device
) -> Iterator[tuple[int, int, int, int]]:
    """First and last output row of each block, and first and last place of its sums in the index."""
    size = max(1, BLOCK_BYTES.get(device.type, BLOCK_BYTES["cpu"]) // row_bytes)
    borders = [*range(0, n, size), n]
    places = start[torch.tensor(borders) * per_row].tolist()
    return zip(borders[:-1], borders[1:], places[:-1], places[1:], strict=True)


def _neighbour_sums(rows: Tensor, index: Tensor, start: Tensor) -> Tensor:
    """(b, d) sums of rows[index] from each start to the next: a sparse product in CSR form.

    embedding_bag, since torch's sparse CSR product takes eight times as long on the CPU.
    """
    if len(index) == 0:
        return rows.new_zeros(len(start) - 1, rows.shape[1])
    return functional.embedding_bag(index, rows, start, mode="sum", include_last_offset=True)


def _joined(parts: list[Tensor], sizes: list[int] | None) -> Tensor:
    """All parts in one, each shifted by the sizes of those before it."""
    if sizes is None:
        return torch.cat(parts)
    shifts = np.cumsum([0, *sizes[:-1]])
    return torch.cat([part + int(shift) for part, shift in zip(parts, shifts, strict=True)])


def _starts(sizes: Tensor) -> Tensor:
    """(n + 1,) where each of n runs of the given sizes begins, and the end."""
    return functional.pad(sizes.cumsum(0), (1, 0))
