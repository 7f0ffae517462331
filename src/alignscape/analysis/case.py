"""What the findings are judged on: the main pairs whose encoders were trained at all."""

from functools import cached_property

import numpy as np

from ..statistics.bootstrap import Floats, bootstrap_scores
from .catalogue import Encoder
from .evidence import Evidence
from .judgement import Item, NotTestable, average
from .score_table import ScoreTable, score_table


class Case:
    """The evidence of one study with what several findings need of it. Encoders with random weights are left out."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        catalogue = evidence.catalogue
        self.gdms = [name for name in catalogue.main_gdms if not catalogue.gdms[name].is_random]
        self.llms = [name for name in catalogue.main_llms if not catalogue.llms[name].is_random]

    def check(self, table: ScoreTable) -> ScoreTable:
        """The table itself. Raises NotTestable if it is too small to say anything."""
        if not table.results:
            raise NotTestable("the study has no pair of it")
        if why := self.evidence.too_few(table.n):
            raise NotTestable(why)
        return table

    @cached_property
    def table(self) -> ScoreTable:
        """The main pairs under the headline split, with one-layer heads."""
        if not self.gdms:
            raise NotTestable("no main GDM has trained weights")
        if not self.llms:
            raise NotTestable("no main language model has trained weights")
        return self.check(score_table(self.evidence.select(gdms=self.gdms, llms=self.llms), self.evidence.headline))

    def draws(self, groups: list[Floats], what: str) -> Floats:
        """Bootstrap draws (draws, groups) of means over proteins and seeds."""
        generator = self.evidence.generator(f"findings {what}")
        return bootstrap_scores(groups, draws=self.evidence.bootstrap, generator=generator)

    @cached_property
    def scores(self) -> list[Item]:
        """The score of each pair of `table`."""
        return items_of(self.table, self.draws(self.table.parts, "scores"))

    @cached_property
    def parts(self) -> dict[str, list[Item]]:
        """`trained`, `untrained`, `pos` and `neg` of each pair of `table`, on the same resampled proteins."""
        t = self.table
        groups = {
            "trained": t.parts,
            "untrained": t.untrained_parts,
            "pos": t.values("score"),
            "neg": t.values("negative"),
        }
        draws = self.draws([g for group in groups.values() for g in group], "parts")
        columns = dict(zip(groups, np.split(draws, len(groups), axis=1), strict=True))
        return {
            name: [
                Item(label, float(g.mean()), d) for label, g, d in zip(t.labels, group, columns[name].T, strict=True)
            ]
            for name, group in groups.items()
        }

    def of_kind(self, kind: str) -> Encoder:
        """The main GDM of a kind. Raises NotTestable if there is none or its weights are random."""
        gdm = self.evidence.catalogue.main_of_kind(kind)
        if gdm is None:
            raise NotTestable(f"the study has no main GDM of the kind {kind}")
        if gdm.is_random:
            raise NotTestable(f"the weights of {gdm.name} are random")
        return gdm

    def mean_score(self, gdm: str, items: list[Item] | None = None, *, llm: str | None = None) -> Item:
        """The mean over the LLMs of a GDM's items (scores if absent); over all GDMs for "", over one LLM if given."""
        chosen = [
            item
            for r, item in zip(self.table.results, items or self.scores, strict=True)
            if gdm in ("", r.structure_encoder) and llm in (None, r.language_model)
        ]
        if not chosen:
            raise NotTestable(f"there is no score of {gdm or llm}")
        return average(gdm or llm or "", chosen)


def items_of(table: ScoreTable, draws: Floats) -> list[Item]:
    """An item a pair of the table, with its column of draws (draws, p)."""
    return [Item(name, float(s), d) for name, s, d in zip(table.labels, table.score, draws.T, strict=True)]


def minus(a: Item, b: Item, label: str | None = None) -> Item:
    """The difference of two items that share their draws."""
    return Item(label or f"{a.label} - {b.label}", a.value - b.value, a.draws - b.draws)
