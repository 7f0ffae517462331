"""GearNet's graph of a protein: seven kinds of edges between residues, and the angles between edges that meet.

The definition is that of TorchDrug 0.2.1 (arXiv 2203.06125), with which the oracle's edges agree one by one. Three
conventions of it are easily missed: "apart in sequence" counts observed residues of the whole entry, so the last
residue of a chain is next to the first of the following one (sequential edges alone stay within a chain); the nearest
neighbours are chosen first and then thinned by that distance; residues count by order, whatever their numbers.
We differ in one: of more than 32 neighbours within the radius the nearest stay, not an arbitrary 32.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..neighbours import nearest

SEQUENTIAL_DISTANCE = 2  # relations 0 to 4: offsets -2 to 2
SPATIAL, KNN = 5, 6
N_RELATIONS = 7
RADIUS = 10.0  # angstrom
MAX_RADIUS_NEIGHBOURS = 32
K = 10
MIN_SEQUENCE_DISTANCE = 5  # between the ends of a spatial edge
N_ANGLE_BINS = 8

Index = NDArray[np.int64]


@dataclass(frozen=True)
class ResidueGraph:
    """One protein's graph: n residues, e edges, p pairs of residues with an edge, t edges of the line graph.

    Edges are sorted by target, relation and source. Several edges may join one pair (p <= e); since angles belong to
    pairs, messages between edges are sums over pairs. The line graph is in CSR form: row
    8 * pair + angle_bin lists the incoming pairs at that angle.
    """

    edges: Index  # (e, 3) source, target, relation
    distance: NDArray[np.float32]  # (e,) angstrom
    edge_pair: Index  # (e,) which pair the edge joins
    n_pairs: int
    line_graph: Index  # (t,) incoming pairs, row by row
    line_graph_start: Index  # (8 p + 1,) where each row begins

    @property
    def n_line_edges(self) -> int:
        """Edges of the line graph between single edges, as the original counts them."""
        n = self.edges[:, :2].max(initial=-1) + 1
        return int(np.bincount(self.edges[:, 1], minlength=n) @ np.bincount(self.edges[:, 0], minlength=n))


def residue_graph(xyz: NDArray[np.float32], chain: NDArray[np.integer]) -> ResidueGraph:
    """The graph of residues at xyz (n, 3), angstrom, of chains (n,), in the order of the file."""
    return graph_of_edges(xyz, np.concatenate([sequential_edges(chain), *spatial_edges(xyz)]))


def graph_of_edges(xyz: NDArray[np.float32], edges: NDArray[np.integer]) -> ResidueGraph:
    """The graph of given edges (e, 3) source, target, relation, in any order, between residues at xyz (n, 3)."""
    ordered = edges[np.lexsort((edges[:, 0], edges[:, 2], edges[:, 1]))].astype(np.int64)
    n = len(xyz)
    key, edge_pair = np.unique(ordered[:, 1] * n + ordered[:, 0], return_inverse=True)
    source, target = key % n, key // n
    line_graph, start = _line_graph(xyz, source, target)
    # float32 as the original: the features it was trained on
    distance = np.linalg.norm(xyz[ordered[:, 0]] - xyz[ordered[:, 1]], axis=1).astype(np.float32)
    return ResidueGraph(ordered, distance, edge_pair, len(key), line_graph, start)


def sequential_edges(chain: NDArray[np.integer]) -> Index:
    """(e, 3) edges from each residue to those up to two places away in its chain, itself included."""
    n = len(chain)
    offsets = np.arange(-SEQUENTIAL_DISTANCE, SEQUENTIAL_DISTANCE + 1)
    source = np.repeat(np.arange(n), len(offsets))
    relation = np.tile(np.arange(len(offsets)), n)
    target = source + offsets[relation]
    inside = (target >= 0) & (target < n)
    inside &= chain[source] == chain[np.where(inside, target, source)]
    return np.stack([source, target, relation], axis=1)[inside]


def spatial_edges(xyz: NDArray[np.float32]) -> tuple[Index, Index]:
    """(e, 3) radius edges and (e, 3) nearest-neighbour edges, from each residue's neighbours to it."""
    neighbour, distance = nearest(xyz, MAX_RADIUS_NEIGHBOURS)  # (n, k)
    centre = np.broadcast_to(np.arange(len(xyz))[:, None], neighbour.shape)
    # residues at one and the same place have no spatial edge, as in the original
    apart = (np.abs(centre - neighbour) >= MIN_SEQUENCE_DISTANCE) & (distance > 0)
    return (
        _edges(neighbour, centre, apart & (distance < RADIUS), SPATIAL),
        _edges(neighbour[:, :K], centre[:, :K], apart[:, :K], KNN),
    )


def _edges(source: Index, target: Index, keep: NDArray[np.bool_], relation: int) -> Index:
    ends = np.stack([source[keep], target[keep]], axis=1)
    return np.column_stack([ends, np.full(len(ends), relation)])


def _line_graph(xyz: NDArray[np.float32], source: Index, target: Index) -> tuple[Index, Index]:
    """For pairs sorted by target: incoming pairs (t,) by row 8 * pair + angle bin, and row starts (8 p + 1,)."""
    n_incoming = np.bincount(target, minlength=len(xyz))
    first_incoming = np.cumsum(n_incoming) - n_incoming
    repeats = n_incoming[source]  # every pair meets all pairs that end at its source
    outgoing = np.repeat(np.arange(len(source)), repeats)
    within_row = np.arange(len(outgoing)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    incoming = np.repeat(first_incoming[source], repeats) + within_row
    vector = (xyz[source] - xyz[target]).astype(np.float32)
    row = outgoing * N_ANGLE_BINS + _angle_bin(-vector[outgoing], vector[incoming])
    # A matrix with one entry in each column: that scipy finds its rows is a counting sort.
    n_rows, columns = len(source) * N_ANGLE_BINS, np.arange(len(row) + 1, dtype=np.int32)
    by_row = sparse.csc_array((incoming, row.astype(np.int32), columns), shape=(n_rows, len(row))).tocsr()
    return by_row.data, by_row.indptr.astype(np.int64)


def _angle_bin(a: NDArray[np.float32], b: NDArray[np.float32]) -> Index:
    """(t,) which eighth of 0 to pi the angle between rows of a and b (t, 3) falls into; 0 for a vector of length 0."""
    cross = np.linalg.norm(np.cross(a, b), axis=1)
    angle = np.arctan2(cross, np.einsum("td,td->t", a, b))
    # pi itself belongs to the last bin
    return np.minimum((angle * (N_ANGLE_BINS / np.pi)).astype(np.int64), N_ANGLE_BINS - 1)
