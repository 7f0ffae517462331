"""GearNet's graph of a protein: seven kinds of edges between residues. Angles between edges are in `line_graph.py`.

The definition is that of TorchDrug 0.2.1 (arXiv 2203.06125), with which the oracle's edges agree one by one. Three
conventions of it are easily missed: "apart in sequence" counts observed residues of the whole entry, so the last
residue of a chain is next to the first of the following one (sequential edges alone stay within a chain); the nearest
neighbours are chosen first and then thinned by that distance; residues count by order, whatever their numbers.
We differ in one: of more than 32 neighbours within the radius the nearest stay, not an arbitrary 32.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..neighbours import nearest

SEQUENTIAL_DISTANCE = 2  # relations 0 to 4: offsets -2 to 2
SPATIAL, KNN = 5, 6
N_RELATIONS = 7
RADIUS = 10.0  # angstrom
MAX_RADIUS_NEIGHBOURS = 32
K = 10
MIN_SEQUENCE_DISTANCE = 5  # between the ends of a spatial edge

Index = NDArray[np.int64]


@dataclass(frozen=True)
class ResidueGraph:
    """One protein's graph: n residues, e edges, p pairs of residues with an edge.

    Edges are sorted by target, relation and source, pairs by target and source. Several edges may join one pair (p <= e);
    since angles belong to pairs, messages between edges are sums over pairs.
    """

    xyz: NDArray[np.float32]  # (n, 3) angstrom
    edges: Index  # (e, 3) source, target, relation
    distance: NDArray[np.float32]  # (e,) angstrom
    edge_pair: Index  # (e,) which pair the edge joins
    pairs: Index  # (p, 2) source, target

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
    # float32 as the original: the features it was trained on
    distance = np.linalg.norm(xyz[ordered[:, 0]] - xyz[ordered[:, 1]], axis=1).astype(np.float32)
    return ResidueGraph(xyz, ordered, distance, edge_pair, np.stack([key % n, key // n], axis=1))


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
