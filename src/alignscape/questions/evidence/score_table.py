"""Per-protein scores of several pairs on the proteins that all of them have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from ...alignment.result import PairResult
from ...alignment.shared_ids import compared_ids
from ...statistics.clusters import Clusters, Floats
from ...statistics.contrast import mean_difference
from ...statistics.means import Means

ScoreName = Literal["calibrated", "paper"]
SCORES = ("calibrated", "calibrated_low", "calibrated_high", "score", "sd", "low", "high")  # of `summaries`
OTHERS: dict[ScoreName, str] = {"calibrated": "negative_signed", "paper": "negative"}  # what is taken off S_ii
_PREFIXES: dict[ScoreName, str] = {"calibrated": "calibrated", "paper": "score"}


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

    def only(self, ids: Sequence[str]) -> "ScoreTable":
        """The same pairs on some of the proteins, sorted ids."""
        places = np.searchsorted(np.asarray(self.ids), list(ids))
        return ScoreTable(self.results, self.split, list(ids), self.families.take(places))

    @property
    def labels(self) -> list[str]:
        """`<gdm> × <llm>` of each pair."""
        return [label(r) for r in self.results]

    @cached_property
    def _columns(self) -> list[np.ndarray]:
        return [np.searchsorted(r.ids_of(self.split), self.ids) for r in self.results]

    def values(self, name: str) -> list[Floats]:
        """The array `name` of SplitScores of each pair, float64, (seeds or draws, n)."""
        found = zip(self.results, self._columns, strict=True)
        return [getattr(r.splits[self.split], name)[..., columns].astype(np.float64) for r, columns in found]

    @cached_property
    def matched(self) -> Floats:
        """S_ii, mean over seeds, (p, n)."""
        return np.stack([v.mean(axis=0) for v in self.values("score")]) if self.results else np.empty((0, self.n))

    def means(self, score: ScoreName) -> Means:
        """A score of each pair, over proteins and seeds.

        calibrated: S_ii - mean_j S_ij, with its sign, whose chance level is 0 for every pair. paper: S_ii -
        mean_j |S_ij| (paper Sec. 3.1), whose chance level is below 0 and another for every pair, so that pairs near
        it are misranked. A protein counts with its own part and as one of the others of all others.
        """
        return self._minus("", score)

    def untrained(self, score: ScoreName) -> Means:
        """The same of untrained heads, over proteins and draws of heads."""
        return self._minus("untrained_", score)

    def means_of(self, name: str) -> Means:
        """Means over proteins and seeds (draws, if of untrained heads) of an array of SplitScores."""
        return Means(self.values(name), self.families)

    def _minus(self, heads: str, score: ScoreName) -> Means:
        """S_ii less the mean of the others; what a protein moves it by is S_ii less the means of its row and column."""
        own, row = self.values(f"{heads}score"), self.values(f"{heads}{OTHERS[score]}")
        column = self.values(f"{heads}{OTHERS[score]}_of_text")
        groups = [s - r for s, r in zip(own, row, strict=True)]
        return Means(groups, self.families, [g - c for g, c in zip(groups, column, strict=True)])

    @property
    def score(self) -> Floats:
        """The paper's alignment score of each pair (p,)."""
        return self.means("paper").value

    @property
    def calibrated(self) -> Floats:
        """The calibrated score of each pair (p,)."""
        return self.means("calibrated").value

    def summaries(self) -> list[dict[str, object]]:
        """Names, the calibrated score and the paper's with their intervals, the paper's sd over seeds, and n."""
        names: list[dict[str, object]] = [
            {"label": label(r), "gdm": r.structure_encoder, "llm": r.language_model, "variant": r.variant}
            for r in self.results
        ]
        calibrated, paper = (columns(self.means(score), prefix) for score, prefix in _PREFIXES.items())
        sd = [{"sd": over_replicates(part), "n": self.n} for part in self.means("paper").groups]
        return [a | b | c | d for a, b, c, d in zip(names, calibrated, paper, sd, strict=True)]


def changed(table: ScoreTable, of: Sequence[tuple[int, int]], rows: Sequence[dict]) -> str:
    """What changes, in words: the calibrated score's mean difference over (a, b) of the table, and how many of its
    differences (rows with `difference` and `p_corrected`) are beyond chance after the correction."""
    mean, low, high = mean_difference(table.means("calibrated"), of)
    up, down = (sum(r["p_corrected"] < 0.05 and sign * r["difference"] > 0 for r in rows) for sign in (1, -1))
    pairs = "1 pair" if len(rows) == 1 else f"{len(rows)} pairs"
    beyond = f"up beyond chance in {up} and down in {down} of {pairs}"
    return f"the calibrated score by {mean:.3f} [{low:.3f}, {high:.3f}] on average, {beyond}"


def columns(means: Means, prefix: str) -> list[dict[str, float]]:
    """Value, low and high of each mean: `calibrated`, `calibrated_low` ..., or `score`, `low`, `high`."""
    found = means.estimates()
    names = (prefix, f"{prefix}_low", f"{prefix}_high") if prefix != "score" else ("score", "low", "high")
    return [dict(zip(names, row, strict=True)) for row in zip(found.value, *found.ends(), strict=True)]


def over_replicates(values: Floats) -> float:
    """Standard deviation over seeds of the mean over proteins of values (seeds, n); NaN for one seed."""
    return float(values.mean(axis=1).std(ddof=1)) if len(values) > 1 else float("nan")


def label(result: PairResult) -> str:
    """How a pair is shown."""
    return f"{result.structure_encoder} × {result.language_model}"


def families_of(ids: Sequence[str], clusters: Mapping[str, int]) -> Clusters:
    """The sequence clusters of some proteins; one of no known cluster is alone in its own."""
    return Clusters.of([f"cluster {clusters[i]}" if i in clusters else f"protein {i}" for i in ids])


def score_table(results: Sequence[PairResult], split: str, clusters: Mapping[str, int] | None = None) -> ScoreTable:
    """The table of the pairs that have `split`, on the proteins that all of them tested.

    clusters: sequence cluster by protein; those of no cluster count as unrelated to all others.
    """
    kept = [r for r in results if split in r.splits]
    ids = compared_ids(kept, split)
    return ScoreTable(kept, split, ids, families_of(ids, clusters or {}))
