"""Clusters of proteins by sequence (paper-notes P4), and each protein's nearest relative among the training proteins."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..proteins.ids import entry_of
from ..storage.files import write_text
from ..storage.plain_text import from_cell, to_cell
from .homology import Homology


def cluster_entries(homology: Homology, *, identity: float, coverage: float) -> dict[str, int]:
    """Cluster number by protein id.

    Two sequences that are alike to at least `identity` over at least `coverage` of the shorter one are linked, and so
    is a whole entry to each of its sequences; clusters are the connected components. So two proteins in different
    clusters never have a linked pair of chains. Ids that name chains of one entry share its cluster, whatever their
    sequences. Numbers follow the sorted ids.
    """
    from scipy.sparse import coo_array  # a fifth of a second, which jobs that only read clusters need not pay
    from scipy.sparse.csgraph import connected_components

    p, s = len(homology.ids), homology.n_sequences
    linked = (homology.identity >= identity) & (homology.coverage >= coverage)
    _, entry_first, entry = np.unique([entry_of(i) for i in homology.ids], return_index=True, return_inverse=True)
    first = np.concatenate([homology.member_protein, p + homology.query[linked], np.arange(p)])
    second = np.concatenate([p + homology.member_sequence, p + homology.target[linked], entry_first[entry]])
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(p + s, p + s))
    labels = connected_components(graph.tocsr(), directed=False)[1][:p]
    numbers: dict[int, int] = {}
    return {id_: numbers.setdefault(int(label), len(numbers)) for id_, label in zip(homology.ids, labels, strict=True)}


def nearest(
    homology: Homology, queries: NDArray[np.int64], targets: NDArray[np.int64], *, coverage: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The highest identity of each query protein to any target protein, and that target protein.

    queries (q,), targets (t,): rows of `homology.ids`, disjoint. Returns identity (q,) in [0, 1], 0 where no
    significant hit covers at least `coverage` of the shorter sequence, and the target's row (q,), -1 there.
    """
    holder = np.full(homology.n_sequences, -1)  # a target protein that holds the sequence
    is_target = np.isin(homology.member_protein, targets)
    holder[homology.member_sequence[is_target]] = homology.member_protein[is_target]
    usable = (holder[homology.target] >= 0) & (homology.coverage >= coverage)
    best_identity, best_sequence = _best_hit(homology, usable)
    return _best_member(homology, queries, best_identity, np.append(holder, -1)[best_sequence])


def _best_hit(homology: Homology, usable: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Each sequence's usable hit of the highest identity (ties to the first); -1 without one."""
    rows = np.flatnonzero(usable)
    rows = rows[np.argsort(homology.identity[rows], kind="stable")[::-1]]
    query, first = np.unique(homology.query[rows], return_index=True)
    identity, sequence = np.zeros(homology.n_sequences), np.full(homology.n_sequences, -1)
    identity[query], sequence[query] = homology.identity[rows[first]], homology.target[rows[first]]
    return identity, sequence


def _best_member(
    homology: Homology, queries: NDArray[np.int64], identity: NDArray[np.float64], holder: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The best hit over the sequences of each query protein."""
    order = np.argsort(identity[homology.member_sequence], kind="stable")  # the best is written last
    protein, sequence = homology.member_protein[order], homology.member_sequence[order]
    best, where = np.zeros(len(homology.ids)), np.full(len(homology.ids), -1)
    best[protein], where[protein] = identity[sequence], holder[sequence]
    return best[queries], where[queries]


def save_clusters(path: Path, clusters: Mapping[str, int]) -> None:
    """A tab-separated file: id and number of its cluster, sorted by id."""
    rows = "".join(f"{to_cell(id_)}\t{clusters[id_]}\n" for id_ in sorted(clusters))
    write_text(path, f"id\tcluster\n{rows}")


def load_clusters(path: Path) -> dict[str, int]:
    """What `save_clusters` wrote."""
    with open(path, encoding="utf-8", newline="") as handle:
        return {
            from_cell(row["id"]): int(row["cluster"])
            for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        }
