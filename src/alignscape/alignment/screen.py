"""Many pairs of encoders compared without training: every measure between their raw rows, each against exchanged proteins."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..statistics.clusters import Clusters
from ..statistics.exchange import Null, against_exchanges
from .geometry import Floats, Geometry
from .gromov_wasserstein import GromovWasserstein, has_pot
from .information_imbalance import InformationImbalance
from .intrinsic_dimension import Dimension, intrinsic_dimension
from .kernels import Cknna, MutualKnn, Orders, UCentred, as_they_are
from .measures import MEASURES

_CELLS = 4_000_000  # numbers that are gathered at once
_HELD = 25_000_000  # squared proteins of the encoders that are held at once, each some 21 bytes: half a GiB
GW_PROTEINS = 100  # at most: a descent takes tens of milliseconds, ten times as long with twice as many
GW_EXCHANGES = 39


class Found(NamedTuple):
    """One measure of one pair."""

    value: float
    null: Null


@dataclass(frozen=True)
class Screened:
    """Every pair's measures by name (Gromov-Wasserstein only where its package is), and every encoder's intrinsic dimension."""

    pairs: dict[tuple[str, str], dict[str, Found]]
    dimensions: dict[str, Dimension]
    n: int  # proteins
    neighbours: int  # k that was used


def one_of_each(clusters: Clusters, limit: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Places, sorted, of one random protein of each cluster; of more than `limit` a random sample.

    Relatives are alike for both encoders, so that texts can be exchanged between unrelated proteins only; families are of
    unequal size, so whole ones cannot be exchanged.
    """
    order = generator.permutation(clusters.n)
    _, first = np.unique(clusters.codes[order], return_index=True)
    chosen = order[first]
    if len(chosen) > limit:
        chosen = generator.choice(chosen, limit, replace=False)
    return np.sort(chosen)


def screen(
    pairs: Sequence[tuple[str, str]],
    rows: Callable[[str], ArrayLike],
    *,
    n: int,
    neighbours: int,
    exchanges: int,
    generator: np.random.Generator,
) -> Screened:
    """The measures of pairs of a structure encoder and a text encoder.

    rows: of an encoder's name its rows (n, d), row i of all encoders of one protein, the proteins unrelated. neighbours: k; at
    most a quarter of the proteins is used. All pairs are compared with the same exchanges. Memory grows with n squared, not
    with the number of encoders. Raises ValueError for fewer than four proteins.
    """
    k = max(1, min(neighbours, n // 4))
    work = _Work(_orders(n, exchanges, generator), *_few(n, exchanges, generator))
    found: dict[tuple[str, str], dict[str, Found]] = {}
    dimensions: dict[str, Dimension] = {}
    for some in _at_once(list(dict.fromkeys(text for _, text in pairs)), n):
        texts = {name: Geometry.of(rows(name), k) for name in some}
        dimensions |= {name: intrinsic_dimension(g.distances) for name, g in texts.items()}
        for structure in dict.fromkeys(s for s, text in pairs if text in texts):
            geometry = Geometry.of(rows(structure), k)
            dimensions[structure] = intrinsic_dimension(geometry.distances)
            for text in (t for s, t in pairs if s == structure and t in texts):
                found[structure, text] = work.pair(geometry, texts[text])
    return Screened({pair: found[pair] for pair in pairs}, dimensions, n, k)


def _at_once(texts: list[str], n: int) -> Iterator[list[str]]:
    """The text encoders, as many at a time as memory is kept to."""
    most = max(1, _HELD // n**2)
    yield from (texts[start : start + most] for start in range(0, len(texts), most))


def _orders(n: int, count: int, generator: np.random.Generator) -> Orders:
    return generator.permuted(np.tile(np.arange(n), (count, 1)), axis=1)


def _few(n: int, exchanges: int, generator: np.random.Generator) -> tuple[NDArray[np.int64], Orders]:
    """Places of the proteins that Gromov-Wasserstein is of, and its own exchanges."""
    places = np.sort(generator.permutation(n)[:GW_PROTEINS])
    return places, _orders(len(places), min(exchanges, GW_EXCHANGES), generator)


@dataclass(frozen=True)
class _Work:
    orders: Orders
    few: NDArray[np.int64]
    few_orders: Orders

    def pair(self, structure: Geometry, text: Geometry) -> dict[str, Found]:
        """Every measure of one pair."""
        measures: dict[str, Callable[[Orders], Floats]] = {
            "mutual_knn": MutualKnn(structure, text),
            "cka": UCentred(structure.kernel, text.kernel),
            "cknna": Cknna(structure, text),
            "distance_correlation": UCentred(structure.distances, text.distances),
            "imbalance_to_text": InformationImbalance(structure, text),
            "imbalance_to_structure": InformationImbalance(text, structure),
        }
        found = {name: _tested(name, measure, self.orders) for name, measure in measures.items()}
        if has_pot():
            few = (side.distances[np.ix_(self.few, self.few)] for side in (structure, text))
            found["gromov_wasserstein"] = _tested("gromov_wasserstein", GromovWasserstein(*few), self.few_orders)
        return found


def _tested(name: str, measure: Callable[[Orders], Floats], orders: Orders) -> Found:
    observed = float(measure(as_they_are(orders.shape[1]))[0])
    parts = -(-len(orders) * getattr(measure, "cells", 1) // _CELLS)
    exchanged = np.concatenate([measure(part) for part in np.array_split(orders, min(parts, len(orders)))])
    return Found(observed, against_exchanges(observed, exchanged, alike=MEASURES[name].alike))
