"""Nearest neighbours of points, from a k-d tree: the start of every graph on residues or atoms."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree


def nearest(points: NDArray[np.floating], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The min(k, n - 1) nearest other points of each point, nearest first.

    points: (n, 3). Returns indices (n, k') and distances (n, k') in the unit of the points. A point is never its own
    neighbour, not even where others coincide with it.
    """
    n = len(points)
    k = min(k, n - 1)
    if k < 1:
        return np.empty((n, 0), dtype=np.int64), np.empty((n, 0))
    distance, index = cKDTree(points).query(points, k=k + 1)
    keep = index != np.arange(n)[:, None]
    # Of k + 2 coinciding points the tree may leave out the point itself: then the last neighbour is dropped instead.
    keep[keep.all(axis=1), -1] = False
    return index[keep].reshape(n, k), distance[keep].reshape(n, k)


def within(points: NDArray[np.floating], radius: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """All ordered pairs of different points closer than `radius`, both ways, sorted by first, then second point.

    points: (n, 3). Returns pairs (e, 2) and their distances (e,) in the unit of the points.
    """
    pairs = cKDTree(points).query_pairs(np.nextafter(radius, 0), output_type="ndarray").astype(np.int64)
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    difference = points[pairs[:, 0]].astype(np.float64) - points[pairs[:, 1]]
    return pairs, np.sqrt((difference**2).sum(axis=1))
