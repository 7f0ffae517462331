"""Everything that the questions of a study look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from ...alignment.clusters import load_clusters
from ...alignment.relatives import Relative, load_relatives
from ...alignment.result import PairResult
from ...alignment.same_text import text_groups
from ...alignment.split import load_splits
from ...alignment.study_split import load_any_length, load_nearest
from ...config.study import Analysis, Study, Variant
from ...proteins.facts import ProteinFacts
from ...report.numbers import plural
from ...statistics.clusters import Clusters
from ...storage.embeddings import read_meta
from ...storage.files import each_jsonl
from .catalogue import Catalogue, build_catalogue
from .category import categories
from .on_demand import OnDemand
from .score_table import ScoreTable, families_of, score_table
from .training import Training, training_of

ONE_LAYER = Variant()
FEWEST_PROTEINS = 10  # below this no interval or test is worth printing
FEWEST_CLUSTERS = 5  # of sequence: proteins of fewer families say nothing of other proteins


@dataclass(frozen=True, eq=False)
class Evidence:
    """The results of a study with what is known of its proteins, encoders and splits."""

    catalogue: Catalogue
    results: list[PairResult]
    splits: list[str]  # the first is the headline
    facts: Mapping[str, ProteinFacts] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    training: Mapping[str, Training] = field(default_factory=dict)  # by split
    nearest: Mapping[str, Mapping[str, tuple[str | None, float]]] = field(default_factory=dict)
    # by split: test protein -> its nearest training protein and their sequence identity, 0 to 1
    any_length: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by split, of hits of any length
    relatives: Mapping[str, Relative] = field(default_factory=dict)  # among what weights and texts that ship have seen
    clusters: Mapping[str, int] = field(default_factory=dict)  # sequence cluster by protein: the units of inference
    embeddings: Mapping[str, Path] = field(default_factory=dict)  # encoder -> .npy of all rows, with its sidecar
    analysis: Analysis = field(default_factory=Analysis)
    seed: int = 42
    bootstrap: int = 2000
    permutations: int = 1000

    @cached_property
    def categories(self) -> Mapping[str, Sequence[str]]:
        """The categories of every protein with facts."""
        return {i: categories(facts) for i, facts in self.facts.items()}

    @cached_property
    def text_keys(self) -> Mapping[str, Sequence[str]]:
        """A key of every protein with a text, which those share whose texts differ in nothing but the id."""
        groups = text_groups([*self.texts.values()], [*self.texts])
        return {i: [str(group)] for i, group in zip(self.texts, groups.tolist(), strict=True)}

    @property
    def headline(self) -> str:
        """The split that numbers are of where nothing else is said."""
        return self.splits[0]

    def generator(self, question: str) -> np.random.Generator:
        """Random numbers of one question: the same in every run, other ones for every question."""
        return np.random.default_rng([self.seed, *question.encode()])

    def select(
        self, *, gdms: Iterable[str] | None = None, llms: Iterable[str] | None = None, variant: Variant = ONE_LAYER
    ) -> list[PairResult]:
        """Results of these encoders (the main ones if absent) and heads, in the order of the config."""
        gdms = list(self.catalogue.main_gdms if gdms is None else gdms)
        llms = list(self.catalogue.main_llms if llms is None else llms)
        found = {(r.structure_encoder, r.language_model): r for r in self.results if r.settings == variant}
        return [found[g, m] for g in gdms for m in llms if (g, m) in found]

    def table(self, results: Iterable[PairResult], split: str | None = None) -> ScoreTable:
        """Scores of some results under a split (the headline if absent), with the proteins' clusters."""
        return score_table(list(results), split or self.headline, self.clusters)

    def main_table(self, split: str | None = None) -> ScoreTable:
        """Scores of the main pairs with one-layer heads."""
        return self.table(self.select(), split)

    def families(self, ids: Sequence[str]) -> Clusters:
        """The sequence clusters of some proteins."""
        return families_of(ids, self.clusters)

    def too_few(self, families: Clusters) -> str | None:
        """Why so many proteins in so many clusters are too few; None if they are not."""
        if families.n < FEWEST_PROTEINS:
            return f"only {plural(families.n, 'test protein')}, at least {FEWEST_PROTEINS} are needed"
        if families.count < FEWEST_CLUSTERS:
            return f"only {sampled(families)}, at least {FEWEST_CLUSTERS} clusters are needed"
        return None


def sampled(families: Clusters) -> str:
    """How many proteins an interval rests on: `60 test proteins in 47 sequence clusters`."""
    return f"{plural(families.n, 'test protein')} in {plural(families.count, 'sequence cluster')}"


def load_evidence(
    study: Study,
    *,
    pairs: Sequence[str | Path] | str,
    rows: Sequence[str | Path] | str,
    splits: str | Path,
    nearest: str | Path,
    relatives: str | Path | None = None,
    clusters: str | Path,
    facts: str | Path,
    descriptions: str | Path,
) -> Evidence:
    """The evidence that lies in a study's files.

    pairs: results (.npz). rows: embeddings (.npy with sidecar), one an encoder. facts, descriptions: JSON lines of all
    proteins.
    """
    pairs, rows = ([files] if isinstance(files, (str, Path)) else files for files in (pairs, rows))
    results = [PairResult.load(path) for path in pairs]
    metas = {meta.encoder: (meta, Path(path)) for path in rows for meta in [read_meta(path)]}
    catalogue = build_catalogue(study, metas={name: meta for name, (meta, _) in metas.items()})
    parts = {name: split for name, split in load_splits(splits).items() if name in study.alignment.splits}
    return Evidence(
        catalogue,
        results,
        list(study.alignment.splits),
        facts=OnDemand(lambda: {row["id"]: ProteinFacts.from_json(row) for row in each_jsonl(facts)}),
        texts=OnDemand(lambda: {row["id"]: row["text"] for row in each_jsonl(descriptions)}),
        training={name: training_of(split) for name, split in parts.items()},
        nearest=load_nearest(Path(nearest)),
        any_length=load_any_length(Path(nearest)),
        relatives=load_relatives(Path(relatives)) if relatives else {},
        clusters=load_clusters(Path(clusters)),
        embeddings={name: path for name, (_, path) in metas.items()},
        analysis=study.analysis,
        seed=study.seed,
        bootstrap=study.alignment.bootstrap,
        permutations=study.alignment.permutations,
    )
