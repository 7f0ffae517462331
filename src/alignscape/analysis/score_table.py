"""Per-protein scores of several pairs on the proteins that all of them have."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..alignment.result import PairResult, SplitScores
from ..statistics.bootstrap import Floats, bootstrap_scores, interval


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """p pairs under one split, restricted to the n test proteins that every one of them has scores for."""

    results: list[PairResult]
    split: str
    ids: list[str]  # (n,), sorted

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
    def parts(self) -> list[Floats]:
        """What each protein adds to the score, S_ii - mean_j |S_ij|, for each pair (seeds, n)."""
        return [s - g for s, g in zip(self.values("score"), self.values("negative"), strict=True)]

    @cached_property
    def untrained_parts(self) -> list[Floats]:
        """The same of untrained heads, for each pair (draws, n)."""
        scores, negatives = self.values("untrained_score"), self.values("untrained_negative")
        return [s - g for s, g in zip(scores, negatives, strict=True)]

    @cached_property
    def score(self) -> Floats:
        """The alignment score of each pair (p,), mean over proteins and seeds."""
        return np.array([part.mean() for part in self.parts])

    @cached_property
    def sd(self) -> Floats:
        """Standard deviation of each pair's score over seeds (p,); NaN for one seed."""
        return np.array([over_replicates(part) for part in self.parts])

    def draws(self, *, draws: int, generator: np.random.Generator) -> Floats:
        """Bootstrap draws (draws, p) of `score` over proteins (shared) and seeds.

        The proteins that one is compared with are held fixed: a draw reweights the rows of S, not its columns.
        """
        return bootstrap_scores(self.parts, draws=draws, generator=generator)

    def summaries(self, draws: Floats) -> list[dict[str, object]]:
        """Label, score, sd, low, high and n of each pair, given bootstrap draws (draws, p) of their scores."""
        low, high = interval(draws)
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


def score_table(results: Sequence[PairResult], split: str) -> ScoreTable:
    """The table of the pairs that have `split`, on the proteins that all of them tested."""
    kept = [r for r in results if split in r.splits]
    ids: set[str] | None = None
    for r in kept:
        own = set(np.asarray(r.ids)[tested(r.splits[split])].tolist())
        ids = own if ids is None else ids & own
    return ScoreTable(kept, split, sorted(ids or ()))
