"""Accumulates the scores of one pair under one split and summarises them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..config.study import Alignment
from .heads import HeadShape
from .infonce import loss_of_all
from .result import SplitScores
from .retrieval import chance_retrieval, retrieval
from .score import (
    chance_score,
    effective_rank,
    null_test,
    random_permutations,
    spread,
)
from .split import Split
from .tiles import scores_of
from .train import History

Floats = NDArray[np.float64]
_NEGATIVES = ("negative", "negative_signed", "negative_of_text", "negative_signed_of_text")
_TRAINED = ("score", *_NEGATIVES, "rank_of_text", "rank_of_structure", "ties_of_text", "ties_of_structure")
_UNTRAINED = ("score", *_NEGATIVES)


class SplitScorer:
    """Scores of a split as they come in, model by model. n proteins, s seeds, u untrained draws."""

    def __init__(self, split: Split, config: Alignment, shape: HeadShape, seed: int) -> None:
        self.split, self.config, self.shape, self.seed = split, config, shape, seed
        self.runs, n = split.runs, len(split.ids)
        self.trained = {name: np.full((config.seeds, n), np.nan) for name in _TRAINED}
        self.untrained = {name: np.full((config.untrained_draws, n), np.nan) for name in _UNTRAINED}
        self.null = np.zeros(config.permutations)
        self.ranks: list[tuple[float, float]] = []
        self.whole_losses: list[float] = []
        self.histories: list[History] = []

    def add_trained(
        self, seed: int, fold: int, test: tuple[Tensor, Tensor], validation: tuple[Tensor, Tensor], history: History
    ) -> None:
        """One trained model: unit rows of structure and text of its run's test and validation proteins."""
        n = len(test[0])
        permutations = random_permutations(n, len(self.null), np.random.default_rng([self.seed, fold]))
        found = scores_of(*test, ranked=True, permutations=permutations)
        for name, values in found.by_protein.items():
            self.trained[name][seed, self.runs[fold].test] = values
        self.null += n / len(self.split.tested) / self.config.seeds * found.permuted
        self.ranks.append((effective_rank(test[0]), effective_rank(test[1])))
        self.whole_losses.append(loss_of_all(*validation, temperature=self.config.temperature))
        self.histories.append(history)

    def add_untrained(self, draw: int, fold: int, test: tuple[Tensor, Tensor]) -> None:
        """One draw of heads as initialised: unit rows of structure and text of a run's test proteins."""
        for name, values in scores_of(*test, ranked=False).by_protein.items():
            self.untrained[name][draw, self.runs[fold].test] = values

    def scores(self) -> SplitScores:
        """All of it, with the summary that `summary` describes."""
        return SplitScores(
            **{name: values.astype(np.float32) for name, values in self.trained.items()},
            **{f"untrained_{name}": values.astype(np.float32) for name, values in self.untrained.items()},
            pool=self.pool,
            summary=self.summary(),
        )

    @property
    def pool(self) -> NDArray[np.int32]:
        """(n,) test proteins that each was ranked among; 0 if not tested."""
        pool = np.zeros(len(self.split.ids), np.int32)
        for run in self.runs:
            pool[run.test] = len(run.test)
        return pool

    def summary(self) -> dict[str, Any]:
        """JSON-able. `reason` says why there is nothing more, or is None, and then:

        n_test, n_train, n_validation (of the smallest run), runs, seeds, dimension, hidden; score, score_sd (over
        seeds), positive, negative, negative_signed, score_by_seed; chance; null_mean,
        null_sd, z, p, permutations; retrieval_of_text, retrieval_of_structure, retrieval_chance (r1, r5, r10, mrr,
        median_rank); effective_rank_structure, effective_rank_text; untrained (score, ... of the draws); training.
        """
        if self.split.reason is not None:
            return {"reason": self.split.reason, "n_test": 0}
        null = null_test(float(self._parts(self.trained).mean()), self.null)
        ranks = np.mean(self.ranks, axis=0)
        return (
            {"reason": None, "runs": len(self.runs), "seeds": self.config.seeds}
            | self._sizes()
            | self._score_row(self.trained)
            | {"null_mean": null.mean, "null_sd": null.sd, "z": null.z, "p": null.p, "permutations": null.permutations}
            | {f"retrieval_{way}": self._retrieval(way) for way in ("of_text", "of_structure")}
            | {"retrieval_chance": chance_retrieval(self.pool[self.split.tested])}
            | {"effective_rank_structure": float(ranks[0]), "effective_rank_text": float(ranks[1])}
            | {"untrained": self._score_row(self.untrained), "training": self._training()}
        )

    def _sizes(self) -> dict[str, Any]:
        least = {f"n_{part}": min(len(getattr(run, part)) for run in self.runs) for part in ("train", "validation")}
        d = self.shape.text[1]
        sizes = {"n_test": len(self.split.tested), "dimension": d, "hidden": list(self.shape.structure[1:-1])}
        return least | sizes | {"chance": chance_score(d)}

    def _retrieval(self, way: str) -> dict[str, float]:
        return retrieval(self._tested(f"rank_{way}"), self._tested(f"ties_{way}"))

    def _tested(self, name: str) -> Floats:
        return self.trained[name][:, self.split.tested]

    def _parts(self, scores: dict[str, Floats]) -> Floats:
        """(s, t) what each tested protein adds to the score; its mean is the score."""
        return (scores["score"] - scores["negative"])[:, self.split.tested]

    def _score_row(self, scores: dict[str, Floats]) -> dict[str, Any]:
        parts = self._parts(scores)
        by_seed = parts.mean(axis=1).tolist()
        means = {name: float(np.nanmean(scores[name])) for name in ("score", "negative", "negative_signed")}
        return {
            "score": float(parts.mean()),
            "score_sd": spread(by_seed),
            "positive": means["score"],
            "negative": means["negative"],
            "negative_signed": means["negative_signed"],
            "score_by_seed": by_seed,
        }

    def _training(self) -> dict[str, Any]:
        """Means over models by epoch, and what the best epochs were."""
        curves = {name: np.mean([getattr(h, name) for h in self.histories], axis=0) for name in ("train", "validation")}
        return {
            "loss_train": curves["train"].round(6).tolist(),
            "loss_validation": curves["validation"].round(6).tolist(),
            "loss_validation_best": float(np.mean([min(h.validation) for h in self.histories])),
            "loss_validation_whole_set": float(np.mean(self.whole_losses)),
            "best_epochs": [h.best_epoch for h in self.histories],
            "temperatures": sorted({round(h.temperature, 4) for h in self.histories}),
        }
