"""RQ2: do pairs agree about which proteins are well aligned?"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from ...statistics.association import standardise
from ...statistics.bootstrap import bootstrap_of_sums, interval
from ...statistics.clusters import Clusters, Floats
from ...statistics.means import cluster_variance
from ..evidence.evidence import Evidence
from ..evidence.score_table import ScoreTable
from ..evidence.tables import Result, not_testable, result

COLUMNS = ("a", "b", "r", "low", "high", "partial", "spread", "n")
METHOD = (
    "Pearson's r between two pairs' matches (S_ii, mean over seeds) on the same test proteins. For heads before training "
    "r is computed for each draw of the heads and then averaged, because a single draw says little. Intervals are "
    "percentile bootstraps over sequence clusters. `partial` is r given the proteins' length."
)


_CELLS = 4_000_000  # of the products looked at at once


@dataclass(frozen=True, eq=False)
class Entry:
    """One line of the matrix: a pair, and its scores (1, n) if trained or (draws, n) if not."""

    label: str
    gdm: str
    llm: str
    state: str
    scores: Floats


def entries(table: ScoreTable, evidence: Evidence) -> list[Entry]:
    """All main pairs trained, then one GDM untrained: the first GearNet, or else the first main GDM (paper Fig. 3a)."""
    catalogue = evidence.catalogue
    gearnet = catalogue.main_of_kind("gearnet")
    shown = gearnet.name if gearnet else next(iter(catalogue.main_gdms), None)
    untrained = table.values("untrained_score")
    found = [
        Entry(name, r.structure_encoder, r.language_model, "trained", table.matched[i : i + 1])
        for i, (name, r) in enumerate(zip(table.labels, table.results, strict=True))
    ]
    return found + [
        Entry(f"{name} (before training)", r.structure_encoder, r.language_model, "untrained", untrained[i])
        for i, (name, r) in enumerate(zip(table.labels, table.results, strict=True))
        if r.structure_encoder == shown
    ]


def _combinations(a: Entry, b: Entry) -> list[tuple[int, int]]:
    """Which rows of a and b are correlated: draw with draw if both are untrained, else all with all."""
    if a.state == b.state == "untrained":
        return [(k, k) for k in range(min(len(a.scores), len(b.scores)))]
    return list(product(range(len(a.scores)), range(len(b.scores))))


class Correlations:
    """Pearson's r of all entries and its bootstrap draws, made from weighted moments in one product."""

    def __init__(self, entries: list[Entry], clusters: Clusters) -> None:
        self.entries, self.clusters = entries, clusters
        self.z = standardise(np.concatenate([e.scores for e in entries]))  # (q, n)
        starts = np.cumsum([0, *(len(e.scores) for e in entries)])
        self.a, self.b = np.triu_indices(len(entries), 1)
        cells = [
            [(starts[i] + k, starts[j] + m) for k, m in _combinations(entries[i], entries[j])]
            for i, j in zip(self.a, self.b, strict=True)
        ]
        self._rows = np.array([c for cell in cells for c in cell])  # (k, 2): the rows of z behind every r
        self._starts = np.cumsum([0, *(len(cell) for cell in cells)])[:-1]
        self._sizes = np.array([len(cell) for cell in cells])

    def average(self, r: Floats) -> Floats:
        """Mean (..., cells) over the draws of untrained heads of r (..., k)."""
        return np.add.reduceat(r, self._starts, axis=-1) / self._sizes

    def _each(self) -> Floats:
        left, right = self._rows.T
        found = [np.einsum("kn,kn->k", self.z[left[k]], self.z[right[k]]) for k in self._parts]
        return np.concatenate(found) / self.z.shape[1]

    @cached_property
    def _parts(self) -> list[np.ndarray]:
        """Places of the products that are looked at at once."""
        k = len(self._rows)
        return np.array_split(np.arange(k), max(1, k * self.z.shape[1] // _CELLS))

    def values(self) -> Floats:
        """r (cells,) of the entries a, b."""
        return self.average(self._each())

    def spread(self) -> Floats:
        """Standard deviation (cells,) of r over the draws of untrained heads; 0 between trained ones."""
        r = self._each()
        return np.sqrt(np.maximum(self.average(r**2) - self.average(r) ** 2, 0))

    def partial(self, x: Floats) -> Floats:
        """r (cells,) given x (n,)."""
        left, right = self._rows.T
        given = self.z @ standardise(x[None])[0] / self.z.shape[1]
        r = self._each()
        with np.errstate(divide="ignore", invalid="ignore"):
            rest = (1 - given[left] ** 2) * (1 - given[right] ** 2)
            return self.average((r - given[left] * given[right]) / np.sqrt(rest))

    def draws(self, *, draws: int, generator: np.random.Generator) -> Floats:
        """Bootstrap draws (draws, cells) of r over clusters."""
        return self.average(self.each_draw(draws=draws, generator=generator))

    def square_mean(self) -> Floats:
        """Mean r squared (cells,) over the draws of untrained heads, less what the choice of proteins alone gives.

        A head and its negative are equally likely, so that r itself averages 0 and says nothing.
        """
        return self.average(self._each() ** 2) - self.noise

    @cached_property
    def noise(self) -> Floats:
        """Variance (cells,) of r over samples of clusters, mean over the draws of untrained heads."""
        found = [cluster_variance(self._influence(k), self.clusters)[0] for k in self._parts]
        return self.average(np.concatenate(found))

    def _influence(self, k: np.ndarray) -> Floats:
        """How much each protein moves r (k, n), to first order: the product less what r makes of both squares."""
        left, right = (self.z[row] for row in self._rows[k].T)
        r = np.einsum("kn,kn->k", left, right)[:, None] / self.z.shape[1]
        return left * right - r * (left**2 + right**2) / 2

    def each_draw(self, *, draws: int, generator: np.random.Generator) -> Floats:
        """Bootstrap draws (draws, k) over clusters of every r that `average` averages."""
        left, right = self._rows.T
        q = len(self.z)
        products = [self.clusters.sums(self.z[left[k]] * self.z[right[k]]) for k in self._parts]
        sums = np.concatenate([self.clusters.sums(self.z), self.clusters.sums(self.z**2), *products])
        m = bootstrap_of_sums(sums, self.clusters, draws=draws, generator=generator)
        mean, variance = m[:, :q], m[:, q : 2 * q] - m[:, :q] ** 2
        cov = m[:, 2 * q :] - mean[:, left] * mean[:, right]
        with np.errstate(divide="ignore", invalid="ignore"):
            return cov / np.sqrt(variance[:, left] * variance[:, right])

    def square(self, values: Floats) -> Floats:
        """The symmetric matrix of values (cells,), with 1 on the diagonal."""
        matrix = np.eye(len(self.entries))
        matrix[self.a, self.b] = matrix[self.b, self.a] = values
        return matrix


def cluster(r: Floats) -> tuple[list[int], Floats]:
    """Order of the entries with similar ones side by side, and the linkage behind it: average linkage on 1 - r."""
    distance = squareform(np.clip(1 - np.nan_to_num(r), 0, 2), checks=False)
    tree = linkage(distance, method="average", optimal_ordering=True)
    return leaves_list(tree).tolist(), tree


def run(evidence: Evidence) -> Result:
    """The correlation matrix with intervals (docs/outputs.md)."""
    table = evidence.main_table()
    found = entries(table, evidence)
    why = evidence.too_few(table.families) or ("there are fewer than two pairs" if len(found) < 2 else None)
    if why:
        return not_testable(
            "correlation",
            why,
            columns=COLUMNS,
            method=METHOD,
            pairs=[],
            order=[],
            linkage=[],
            r=[],
            low=[],
            high=[],
            partial=[],
        )
    c = Correlations(found, table.families)
    r = c.values()
    draws = c.draws(draws=evidence.bootstrap, generator=evidence.generator("correlation"))
    low, high = interval(draws, df=table.families.effective - 1)
    partial = c.partial(np.array([evidence.facts[i].length for i in table.ids], dtype=float))
    spread = c.spread()
    columns = zip(c.a, c.b, r, low, high, partial, spread, strict=True)
    rows = [
        dict(zip(COLUMNS, (found[i].label, found[j].label, *rest, table.n), strict=True)) for i, j, *rest in columns
    ]
    order, tree = cluster(c.square(r))
    names = [{"label": e.label, "gdm": e.gdm, "llm": e.llm, "state": e.state} for e in found]
    squares: dict[str, Any] = {
        k: c.square(v) for k, v in {"r": r, "low": low, "high": high, "partial": partial}.items()
    }
    squares["spread"] = c.square(spread)
    np.fill_diagonal(squares["spread"], 0)
    more: dict[str, Any] = {"pairs": names, "order": order, "linkage": tree, "n": table.n}
    return result("correlation", rows, columns=COLUMNS, answer=_answer(c, r), method=METHOD, **more, **squares)


def same_gdm(c: Correlations) -> np.ndarray:
    """Which cells hold two trained pairs of one GDM."""
    return np.array([_trained(c, i, j) and c.entries[i].gdm == c.entries[j].gdm for i, j in zip(c.a, c.b, strict=True)])


def other_gdm(c: Correlations) -> np.ndarray:
    """Which cells hold two trained pairs of different GDMs."""
    return np.array([_trained(c, i, j) and c.entries[i].gdm != c.entries[j].gdm for i, j in zip(c.a, c.b, strict=True)])


def mixed(c: Correlations) -> np.ndarray:
    """Which cells hold a trained and an untrained pair."""
    return np.array([c.entries[i].state != c.entries[j].state for i, j in zip(c.a, c.b, strict=True)])


def _trained(c: Correlations, i: np.integer, j: np.integer) -> bool:
    return c.entries[i].state == c.entries[j].state == "trained"


def _answer(c: Correlations, r: Floats) -> str:
    named = (("pairs of one structure encoder", same_gdm(c)), ("pairs of different ones", other_gdm(c)))
    said = [f"{name} {np.nanmean(r[cells]):.2f}" for name, cells in named if np.isfinite(r[cells]).any()]
    squares = c.square_mean()[mixed(c)]
    if not np.isfinite(squares).any():
        return "Matches that do not vary over the proteins correlate with nothing."
    size = np.sqrt(max(0.0, float(np.nanmean(squares))))
    untrained = f"{size:.2f} is the root mean square of r between pairs after and before training, beyond noise."
    return f"Mean correlation: {', '.join(said)}; {untrained}" if said else untrained
