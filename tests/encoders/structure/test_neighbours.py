"""Both searches equal all distances sorted, coinciding points included."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alignscape.encoders.structure.neighbours import nearest, within


@st.composite
def points(draw: st.DrawFn) -> np.ndarray:
    """Some points on a coarse grid, so that many coincide or tie."""
    n = draw(st.integers(1, 30))
    return np.random.default_rng(draw(st.integers(0, 1000))).integers(0, 4, (n, 3)).astype(np.float32)


def distances(xyz: np.ndarray) -> np.ndarray:
    return np.linalg.norm(xyz[:, None] - xyz[None], axis=-1)


@given(points(), st.integers(1, 40))
def test_nearest_are_the_smallest_distances_to_others(xyz: np.ndarray, k: int) -> None:
    index, distance = nearest(xyz, k)
    n = len(xyz)
    assert index.shape == distance.shape == (n, min(k, n - 1))
    expected = distances(xyz)
    np.testing.assert_allclose(np.take_along_axis(expected, index, axis=1), distance, atol=1e-6)
    np.fill_diagonal(expected, np.inf)
    np.testing.assert_allclose(distance, np.sort(expected, axis=1)[:, : min(k, n - 1)], atol=1e-6)
    assert all(i not in row and len(set(row)) == len(row) for i, row in enumerate(index.tolist()))


@given(points(), st.sampled_from([0.5, 1.0, 1.5, 2.0]))
def test_within_are_all_ordered_pairs_closer_than_the_radius(xyz: np.ndarray, radius: float) -> None:
    pairs, distance = within(xyz, radius)
    close = distances(xyz) < radius
    np.fill_diagonal(close, False)
    np.testing.assert_array_equal(pairs, np.argwhere(close))
    np.testing.assert_allclose(distance, distances(xyz)[tuple(pairs.T)], atol=1e-6)
