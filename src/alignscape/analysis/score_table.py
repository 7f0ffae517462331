"""Per-protein scores of several pairs on the proteins that all of them have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..alignment.result import PairResult, SplitScores
from ..statistics.clusters import Clusters, Floats
from ..statistics.means import Means


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """p pairs under one split, restricted to the n test proteins that every one of them has scores for."""

    results: list[PairResult]
    split: str
    ids: list[str]  # (n,), sorted
    families: Clusters  # of the ids

    @property
    def n(self) -> int:
        """Test proteins."""
        return len(self.ids)

    @property
    def labels(self) -> list[str]:
        """`<gdm> × <llm>` of each pair."""
        return [label(r) for r in self.results]

    @cached_property
    def _columns(self) -> list[np.ndarray]:
        return [np.searchsorted(np.asarray(r.ids), self.ids) for r in self.results]

    def values(self, name: str) -> list[Floats]:
        """The array `name` of SplitScores of each pair, float64, (seeds or draws, n)."""
        found = zip(self.results, self._columns, strict=True)
        return [getattr(r.splits[self.split], name)[..., columns].astype(np.float64) for r, columns in found]

    @cached_property
    def matched(self) -> Floats:
        """S_ii, mean over seeds, (p, n)."""
        return np.stack([v.mean(axis=0) for v in self.values("score")]) if self.results else np.empty((0, self.n))

    @cached_property
    def means(self) -> Means:
        """The alignment score of each pair: means over proteins and seeds of S_ii - mean_j |S_ij|.

        The proteins that one is compared with are held fixed: drawing them again would reweight the columns of S too.
        """
        return self._minus("score", "negative")

    @cached_property
    def untrained(self) -> Means:
        """The same of untrained heads, over proteins and draws of heads."""
        return self._minus("untrained_score", "untrained_negative")

    @cached_property
    def calibrated(self) -> Means:
        """The calibrated score of each pair: means of S_ii - mean_j S_ij, with its sign, whose chance level is 0."""
        return self._minus("score", "negative_signed")

    def means_of(self, name: str) -> Means:
        """Means over proteins and seeds (draws, if of untrained heads) of an array of SplitScores."""
        return Means(self.values(name), self.families)

    def _minus(self, matched: str, others: str) -> Means:
        both = zip(self.values(matched), self.values(others), strict=True)
        return Means([own - other for own, other in both], self.families)

    @property
    def score(self) -> Floats:
        """The alignment score of each pair (p,)."""
        return self.means.value

    @cached_property
    def sd(self) -> Floats:
        """Standard deviation of each pair's score over seeds (p,); NaN for one seed."""
        return np.array([over_replicates(part) for part in self.means.groups])

    def summaries(self) -> list[dict[str, object]]:
        """Label, score, sd, low, high and n of each pair."""
        low, high = self.means.estimates().ends()
        columns = zip(self.results, self.score, self.sd, low, high, strict=True)
        return [
            {"label": label(r), "gdm": r.structure_encoder, "llm": r.language_model, "variant": r.variant}
            | {"score": score, "sd": sd, "low": lower, "high": upper, "n": self.n}
            for r, score, sd, lower, upper in columns
        ]


def over_replicates(values: Floats) -> float:
    """Standard deviation over seeds of the mean over proteins of values (seeds, n); NaN for one seed."""
    return float(values.mean(axis=1).std(ddof=1)) if len(values) > 1 else float("nan")


def label(result: PairResult) -> str:
    """How a pair is shown."""
    return f"{result.structure_encoder} × {result.language_model}"


def tested(scores: SplitScores) -> np.ndarray:
    """Which proteins (n,) have every score, of all seeds and all untrained draws."""
    arrays = (scores.score, scores.negative, scores.untrained_score, scores.untrained_negative)
    return np.logical_and.reduce([np.isfinite(a).all(axis=0) for a in arrays])


def families_of(ids: Sequence[str], clusters: Mapping[str, int]) -> Clusters:
    """The sequence clusters of some proteins; one of no known cluster is alone in its own."""
    return Clusters.of([f"cluster {clusters[i]}" if i in clusters else f"protein {i}" for i in ids])


def score_table(results: Sequence[PairResult], split: str, clusters: Mapping[str, int] | None = None) -> ScoreTable:
    """The table of the pairs that have `split`, on the proteins that all of them tested.

    clusters: sequence cluster by protein; those of no cluster count as unrelated to all others.
    """
    kept = [r for r in results if split in r.splits]
    ids: set[str] | None = None
    for r in kept:
        own = set(np.asarray(r.ids)[tested(r.splits[split])].tolist())
        ids = own if ids is None else ids & own
    listed = sorted(ids or ())
    return ScoreTable(kept, split, listed, families_of(listed, clusters or {}))
