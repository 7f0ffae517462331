"""One (GDM, LLM) pair under every split: trained heads, untrained heads, and all that RQ1's table says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..config.study import Alignment, Variant
from .heads import Heads, HeadShape, initial_heads, project
from .preparation import Step, folded, prepared, principal_components, standardisation
from .result import PairResult, SplitScores
from .same_text import text_groups
from .split import Run, Split
from .split_scores import SplitScorer
from .train import History, Job, train_heads
from .training_state import TrainingStates


@dataclass(frozen=True)
class PairName:
    """What a pair is called."""

    structure_encoder: str
    language_model: str
    variant: str


def align_pair(
    structure: NDArray[np.float32],
    text: NDArray[np.float32],
    ids: Sequence[str],
    splits: Mapping[str, Split],
    *,
    config: Alignment,
    variant: Variant,
    seed: int,
    name: PairName,
    groups: NDArray[np.int64] | None = None,
    families: NDArray[np.int64] | None = None,
    device: str = "cpu",
    states: TrainingStates | None = None,
) -> tuple[PairResult, Heads, dict[str, Any]]:
    """The pair's scores under every split, heads to use, and their card.

    structure: (n, d_s) and text: (n, d_t), row i of both of protein ids[i]; ids sorted. A split's proteins without a row
        are left out of it; every protein stays in its part.
    groups: (n,) see `negative_groups`; needed unless `variant.negatives` is `all`.
    families: (n,) see `sampling_families`; needed if `variant.sampling` is `by_cluster`.
    states: where a long training keeps its state.
    The heads are those of the first seed in the first run of the first split, and take raw embeddings (a PCA is folded
    into them). Where that split is not testable they are as initialised, and the card says so.
    Raises ValueError for ids that are not sorted or do not fit the rows.
    """
    _require_fitting(structure, text, ids, variant=variant, name=name, groups=groups, families=families)
    aligned, everything = {}, None
    for split_name, split in splits.items():
        split = split.restrict(ids)
        rows = np.searchsorted(np.asarray(ids, dtype="U"), np.asarray(split.ids, dtype="U"))
        alike, kin = (None if x is None else x[rows] for x in (groups, families))
        if len(rows) < len(ids):
            own = _on_device(structure[rows], text[rows], device)
        else:  # splits share the rows, which may lie on the disk
            own = everything = everything or _on_device(structure, text, device)
        data = _Rows(*own, None if alike is None else torch.from_numpy(alike).to(device), kin)
        aligned[split_name] = _AlignedSplit(data, split, config, variant, seed)
    _score_trained(aligned, config, variant, f"{name.structure_encoder}--{name.language_model}", states)
    _score_untrained([one for one in aligned.values() if one.split.reason is None], seed, config.untrained_draws)
    scores = {split_name: _spread(one.scorer.scores(), one.split.ids, ids) for split_name, one in aligned.items()}
    first = next(iter(aligned.values()))
    result = PairResult(**vars(name), settings=variant, ids=list(ids), splits=scores)
    return result, first.heads, first.card | vars(name) | {"settings": variant.model_dump(mode="json")}


def _require_fitting(
    structure: NDArray[np.float32],
    text: NDArray[np.float32],
    ids: Sequence[str],
    *,
    variant: Variant,
    name: PairName,
    groups: NDArray[np.int64] | None,
    families: NDArray[np.int64] | None,
) -> None:
    """Raises ValueError for ids that are not sorted or do not fit the rows, and for numbers that the variant lacks or has no use for."""
    if list(ids) != sorted(ids) or not len(ids) == len(structure) == len(text):
        raise ValueError(f"{name}: {len(ids)} sorted ids need as many rows, found {len(structure)} and {len(text)}")
    if (groups is None) != (variant.negatives == "all"):
        raise ValueError(
            f"{name}: negatives {variant.negatives!r} with groups {'missing' if groups is None else 'given'}"
        )
    if (families is None) != (variant.sampling == "by_protein"):
        raise ValueError(
            f"{name}: sampling {variant.sampling!r} with families {'missing' if families is None else 'given'}"
        )


def negative_groups(
    variant: Variant, ids: Sequence[str], *, texts: Mapping[str, str], clusters: Mapping[str, int]
) -> NDArray[np.int64] | None:
    """(n,) numbers that duplicates share, by what `variant.negatives` says; None for `all`.

    texts: descriptions by id, compared without the id. clusters: cluster number by id.
    """
    if variant.negatives == "all":
        return None
    if variant.negatives == "skip_same_text":
        return text_groups([texts[id_] for id_ in ids], ids)
    return np.array([clusters[id_] for id_ in ids], dtype=np.int64)


def _spread(scores: SplitScores, own: Sequence[str], ids: Sequence[str]) -> SplitScores:
    """Scores of a split's own ids placed among all ids."""
    place = np.searchsorted(np.asarray(ids, dtype="U"), np.asarray(own, dtype="U"))
    arrays = {}
    for key, value in vars(scores).items():
        if key != "summary":
            arrays[key] = np.full((*value.shape[:-1], len(ids)), 0 if key == "pool" else np.nan, value.dtype)
            arrays[key][..., place] = value
    return SplitScores(**arrays, summary=scores.summary)


@dataclass(frozen=True, eq=False)
class _Rows:
    structure: Tensor  # (n, d_s) float32
    text: Tensor  # (n, d_t) float32
    groups: Tensor | None  # (n,)
    families: NDArray[np.int64] | None  # (n,)


def _on_device(structure: NDArray[np.float32], text: NDArray[np.float32], device: str) -> tuple[Tensor, Tensor]:
    s, t = (torch.from_numpy(np.ascontiguousarray(a, np.float32)).to(device) for a in (structure, text))
    return s, t


def _score_trained(
    splits: Mapping[str, "_AlignedSplit"],
    config: Alignment,
    variant: Variant,
    label: str,
    states: TrainingStates | None,
) -> None:
    """Trains the heads of every split, run and seed, those of all splits side by side where they can be."""
    for shape in dict.fromkeys(one.shape for one in splits.values()):
        jobs = [job for name, one in splits.items() if one.shape == shape for job in one.jobs(name)]
        for stack in train_heads(jobs, shape, config=config, variant=variant, name=label, states=states):
            for number, (job, history) in enumerate(zip(stack.jobs, stack.histories, strict=True)):
                splits[job.split].score_trained(job, stack.heads.model(number), history)


def _score_untrained(splits: Sequence["_AlignedSplit"], seed: int, draws: int) -> None:
    """Draws the heads once for all splits."""
    for draw in range(draws):
        heads: dict[HeadShape, Heads] = {}  # of one shape, unless a PCA has fewer components in some split
        for one in splits:
            if one.shape not in heads:
                heads[one.shape] = initial_heads(one.shape, [(seed, draw)], device=str(one.rows.text.device))
            one.score_untrained(draw, heads[one.shape])


class _AlignedSplit:
    """One pair under one split."""

    def __init__(self, rows: _Rows, split: Split, config: Alignment, variant: Variant, seed: int) -> None:
        self.rows, self.split, self.config, self.variant = rows, split, config, variant
        self.seed, self.runs = seed, split.runs
        self.kept: Heads | None = None
        self.card: dict[str, Any] = {"split": split.name, "seed": seed, "training_proteins": 0}

    @cached_property
    def structure_steps(self) -> list[list[Step]]:
        """What each run does to structure rows first, learned from its training proteins."""
        if self.variant.structure_pca is None:
            return self._standardise(self.rows.structure)
        least = min((len(run.train) - 1 for run in self.runs), default=0)
        count = max(1, min(self.variant.structure_pca, self.rows.structure.shape[1], least))
        found = []
        for run, steps in zip(self.runs, self._standardise(self.rows.structure), strict=True):
            found.append([*steps, principal_components(prepared(self.rows.structure[run.train], steps), count)])
        return found

    @cached_property
    def text_steps(self) -> list[list[Step]]:
        """The same for text rows."""
        return self._standardise(self.rows.text)

    def _standardise(self, rows: Tensor) -> list[list[Step]]:
        if self.variant.inputs == "raw":
            return [[] for _ in self.runs]
        return [[standardisation(rows[run.train])] for run in self.runs]

    @cached_property
    def structures(self) -> list[Tensor]:
        """The structure rows of each run: one tensor for all where nothing is done to them."""
        return [prepared(self.rows.structure, steps) for steps in self.structure_steps]

    @cached_property
    def texts(self) -> list[Tensor]:
        """The text rows of each run."""
        return [prepared(self.rows.text, steps) for steps in self.text_steps]

    @cached_property
    def shape(self) -> HeadShape:
        """Shape of the heads."""
        inputs = (self.structures or [self.rows.structure])[0].shape[1]
        return HeadShape.of(
            inputs, self.rows.text.shape[1], layers=self.variant.layers, dimension=self.variant.dimension
        )

    @cached_property
    def scorer(self) -> SplitScorer:
        """The scores so far."""
        return SplitScorer(self.split, self.config, self.shape, self.seed)

    @property
    def heads(self) -> Heads:
        """The first seed's heads of the first run, for raw embeddings."""
        if self.split.reason is not None:
            self.card["untrained"] = self.split.reason
            return initial_heads(self.shape, [(self.seed, 0)])
        assert self.kept is not None, "_score_trained comes first"
        first, *rest = self.kept.structure_layers
        structure = [folded(first, self.structure_steps[0]), *rest]
        return Heads(structure, folded(self.kept.text_layer, self.text_steps[0]))

    def jobs(self, name: str) -> list[Job]:
        """The models of every run and seed; none where the split is not testable. name: of the split."""
        kin, alike = self.rows.families, self.rows.groups
        return [
            Job(run, self.structures[fold], self.texts[fold], (self.seed, s), fold, kin, alike, name)
            for fold, run in enumerate(self.runs)
            for s in range(self.config.seeds)
        ]

    def score_trained(self, job: Job, model: Heads, history: History) -> None:
        """Counts the scores of one trained model."""
        tested, validated = (self._project(model, job.fold, rows) for rows in (job.run.test, job.run.validation))
        self.scorer.add_trained(job.seed[1], job.fold, tested, validated, history)
        if job.seed[1] == job.fold == 0:
            self._keep(model, job.run, history.best_epoch)

    def _keep(self, model: Heads, run: Run, best_epoch: int) -> None:
        self.kept = model.copy()
        self.card |= {"training_proteins": len(run.train), "best_epoch": best_epoch}
        self.card |= {"trained_on": [self.split.ids[row] for row in run.train]}

    def score_untrained(self, draw: int, heads: Heads) -> None:
        """Counts the scores of heads as initialised."""
        if all(rows is self.rows.structure for rows in self.structures):  # one product for all runs
            rows = self.split.tested
            structure, text = self._project(heads, 0, rows)
            chosen = [torch.from_numpy(np.searchsorted(rows, run.test)) for run in self.runs]
            projected = [(structure[c], text[c]) for c in chosen]
        else:
            projected = [self._project(heads, fold, run.test) for fold, run in enumerate(self.runs)]
        for fold, vectors in enumerate(projected):
            self.scorer.add_untrained(draw, fold, vectors)

    def _project(self, heads: Heads, fold: int, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        chosen = torch.from_numpy(rows).to(self.rows.text.device)
        return project(heads, self.structures[fold][chosen], self.texts[fold][chosen])
