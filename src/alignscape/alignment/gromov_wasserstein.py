"""Gromov-Wasserstein distance between two encoders' geometries of the same proteins, by the package pot.

The distance is the least that proteins' distances for one encoder differ from those of the proteins that they are matched
with for the other, over all matchings, so that exchanging proteins leaves it as it is. The least is hard to find: from an
even matching the usual descent ends at ten times the difference that the known pairing has. So the descent begins at the
known pairing, and the null is what it reaches from exchanged pairings.
"""

import importlib.util
import os
import sys
from typing import Any

import numpy as np

from ..compute.own_process import is_own_process
from .geometry import Floats
from .kernels import Orders

MISSING = "Gromov-Wasserstein needs the package pot, which is not installed; pip install pot==0.9.7.post1"
_OTHERS = ("PYTORCH", "JAX", "CUPY", "TENSORFLOW")


def has_pot() -> bool:
    """Whether the package is installed; it is not imported."""
    return importlib.util.find_spec("ot") is not None


class GromovWasserstein:
    """Distances (p,), from 0, reached from many pairings: protein i with orders[:, i] of the second side, (p, n).

    first, second: distances (n, n), each scaled to a mean square of 1. The value is the root of the mean squared difference
    of matched distances, 0 where the geometries are one but for their scale, at most the root of 2.
    """

    cells = 1

    def __init__(self, first: Floats, second: Floats) -> None:
        self.first, self.second = _scaled(first), _scaled(second)
        self.even = np.full(len(first), 1 / len(first))

    def __call__(self, orders: Orders) -> Floats:
        return np.array([self._descend(self.second[np.ix_(order, order)]) for order in orders])

    def _descend(self, second: Floats) -> float:
        solve = _pot().gromov.gromov_wasserstein
        pairing = np.diag(self.even)
        _, log = solve(self.first, second, self.even, self.even, "square_loss", symmetric=True, log=True, G0=pairing)
        return float(np.sqrt(max(float(log["gw_dist"]), 0.0)))


def _pot() -> Any:
    if is_own_process() and "torch" not in sys.modules:  # in someone's notebook it is theirs to say
        for library in _OTHERS:  # which it would import, seconds and hundreds of MiB, though arrays are numpy's here
            os.environ.setdefault(f"POT_BACKEND_DISABLE_{library}", "1")
    import ot

    return ot


def _scaled(distances: Floats) -> Floats:
    size = float(np.sqrt((distances**2).mean()))
    return distances / size if size > 0 else distances
