"""Shared inputs of the findings: the main pairs, without randomly initialised encoders."""

from functools import cached_property

import numpy as np

from ...statistics.means import Means, together
from ..evidence.catalogue import Encoder
from ..evidence.evidence import Evidence
from ..evidence.score_table import OTHERS, ScoreName, ScoreTable
from .judgement import Contrast, NotTestable, average


class FindingContext:
    """The evidence of one study with what several findings need of it. Encoders with random weights are left out.

    score: which one the findings about scores are judged on, the paper's or the calibrated one.
    """

    def __init__(self, evidence: Evidence, score: ScoreName = "paper") -> None:
        self.evidence, self.score = evidence, score
        catalogue = evidence.catalogue
        self.gdms = [name for name in catalogue.main_gdms if not catalogue.gdms[name].is_random]
        self.llms = [name for name in catalogue.main_llms if not catalogue.llms[name].is_random]

    def check(self, table: ScoreTable) -> ScoreTable:
        """The table itself. Raises NotTestable if it is too small to say anything."""
        if not table.results:
            raise NotTestable("the study has no pair of it")
        if why := self.evidence.too_few(table.families):
            raise NotTestable(why)
        return table

    @cached_property
    def table(self) -> ScoreTable:
        """The main pairs under the headline split, with one-layer heads."""
        if not self.gdms:
            raise NotTestable("no main structure encoder has trained weights")
        if not self.llms:
            raise NotTestable("no main language model has trained weights")
        return self.check(self.evidence.table(self.evidence.select(gdms=self.gdms, llms=self.llms)))

    @cached_property
    def scores(self) -> list[Contrast]:
        """The score of each pair of `table`."""
        return self.items(self.table)

    def items(self, table: ScoreTable) -> list[Contrast]:
        """The score of each pair of a table. Raises NotTestable if the table is too small to say anything."""
        return items_of(self.check(table).labels, table.means(self.score))

    @cached_property
    def parts(self) -> dict[str, list[Contrast]]:
        """`trained`, `untrained`, `pos` and `neg` of each pair of `table`, which share their proteins."""
        t = self.table
        means = {
            "trained": t.means(self.score),
            "untrained": t.untrained(self.score),
            "pos": t.means_of("score"),
            "neg": t.means_of(OTHERS[self.score]),
        }
        items = items_of(t.labels * len(means), together([*means.values()]))
        size = len(t.labels)
        return {name: items[k * size : (k + 1) * size] for k, name in enumerate(means)}

    def of_kind(self, kind: str) -> Encoder:
        """The main GDM of a kind. Raises NotTestable if there is none or its weights are random."""
        gdm = self.evidence.catalogue.main_of_kind(kind)
        if gdm is None:
            raise NotTestable(f"the study has no main structure encoder of the kind {kind}")
        if gdm.is_random:
            raise NotTestable(f"the weights of {gdm.name} are random")
        return gdm

    def mean_score(self, gdm: str, items: list[Contrast] | None = None, *, llm: str | None = None) -> Contrast:
        """The mean over the LLMs of a GDM's items (scores if absent); over all GDMs for "", over one LLM if given."""
        chosen = [
            item
            for r, item in zip(self.table.results, items or self.scores, strict=True)
            if gdm in ("", r.structure_encoder) and llm in (None, r.language_model)
        ]
        if not chosen:
            raise NotTestable(f"there is no score of {gdm or llm}")
        return average(gdm or llm or "", chosen)


def items_of(labels: list[str], means: Means) -> list[Contrast]:
    """An item a mean."""
    return [Contrast(name, means, weights) for name, weights in zip(labels, np.eye(len(labels)), strict=True)]
