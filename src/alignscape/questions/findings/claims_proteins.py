"""Findings 7 to 13: about which proteins are well aligned."""

from dataclasses import replace
from functools import cached_property, lru_cache

import numpy as np

from ...statistics.association import lines
from ...statistics.clusters import Floats
from ..chains import analysis as chains
from ..correlation.analysis import Correlations, entries
from ..length import analysis as length
from ..rarity import analysis as rarity
from .context import FindingContext
from .judgement import Drawn, Judgement, NotTestable, Rank, each_above, each_below, each_within

HIGH, SOME = 0.5, 0.3  # Pearson's r that counts as high, and as some (Cohen's medium)
UNTRAINED_R = 0.2


class CorrelationContext:
    """The correlations of a context's pairs, with untrained heads of every GDM that the matrix shows."""

    def __init__(self, context: FindingContext) -> None:
        self.context = context
        self.c = Correlations(entries(context.table, context.evidence), context.table.families)
        self.ends = [(self.c.entries[i], self.c.entries[j]) for i, j in zip(self.c.a, self.c.b, strict=True)]

    @cached_property
    def each_draw(self) -> Floats:
        """Bootstrap draws (draws, k) of every r, of each draw of untrained heads."""
        return self.c.each_draw(
            draws=self.context.evidence.bootstrap, generator=self.context.evidence.generator("findings r")
        )

    @cached_property
    def draws(self) -> Floats:
        """Bootstrap draws (draws, cells) of r."""
        return self.c.average(self.each_draw)

    def kind(self, gdm: str) -> str:
        """The kind of a GDM."""
        return self.context.evidence.catalogue.gdms[gdm].kind

    def mean(self, label: str, cells: list[bool]) -> Drawn:
        """The mean r of some cells. Raises NotTestable for none."""
        chosen = np.array(cells, dtype=bool)
        if not chosen.any():
            raise NotTestable(f"the study has no {label}")
        return self.drawn(
            f"mean r of {label}", float(self.c.values()[chosen].mean()), self.draws[:, chosen].mean(axis=1)
        )

    def drawn(self, label: str, value: float, draws: Floats) -> Drawn:
        """A number with its bootstrap draws over the context's clusters."""
        families = self.context.table.families
        return Drawn(label, value, draws, families.effective - 1, families.n)


@lru_cache(maxsize=1)  # four findings ask for the same bootstrap
def _correlations(context: FindingContext) -> CorrelationContext:
    if len(context.table.results) < 2:
        raise NotTestable("the study has only one pair")
    return CorrelationContext(context)


def same_gdm_correlates(context: FindingContext) -> Judgement:
    """Finding 7."""
    c = _correlations(context)
    cells = [a.state == b.state == "trained" and a.gdm == b.gdm for a, b in c.ends]
    return each_above([c.mean("pairs of one structure encoder and different language models", cells)], HIGH)


def scannet_gearnet_correlate(context: FindingContext) -> Judgement:
    """Finding 8."""
    names = {context.of_kind("scannet").name, context.of_kind("gearnet").name}
    c = _correlations(context)
    cells = [a.state == b.state == "trained" and {a.gdm, b.gdm} == names for a, b in c.ends]
    return each_above([c.mean("pairs of ScanNet with pairs of GearNet", cells)], SOME)


def gat_correlates_little(context: FindingContext) -> Judgement:
    """Finding 9."""
    gat = context.of_kind("gat").name
    c = _correlations(context)
    cells = [
        a.state == b.state == "trained" and gat in (a.gdm, b.gdm) and {c.kind(a.gdm), c.kind(b.gdm)} != {"gat"}
        for a, b in c.ends
    ]
    return each_below([c.mean("pairs of GAT with pairs of other structure encoders", cells)], SOME)


def untrained_do_not_correlate(context: FindingContext) -> Judgement:
    """Finding 10."""
    c = _correlations(context)
    cells = np.array([a.state != b.state for a, b in c.ends])
    # Resampling doubles the noise that `square_mean` takes off once.
    draws = c.c.average(c.each_draw**2)[:, cells].mean(axis=1) - 2 * c.c.noise[cells].mean()
    value = c.c.square_mean()[cells].mean()
    root, roots = (np.sqrt(np.maximum(v, 0)) for v in (value, draws))
    item = c.drawn("root mean square r of pairs before with pairs after training, beyond noise", float(root), roots)
    return each_below([replace(item, skewed=True)], UNTRAINED_R)


def no_effect_of_length(context: FindingContext) -> Judgement:
    """Finding 11."""
    table, e = context.table, context.evidence
    x = np.array([e.facts[i].length for i in table.ids], dtype=float)
    if not x.std():
        raise NotTestable("all test proteins have the same length")
    line = lines(x, table.matched, table.families, draws=e.bootstrap, generator=e.generator("findings length"))
    columns = zip(table.labels, line.standardised.value, line.draws.T, strict=True)
    df, n = table.families.effective - 1, table.n
    return each_within([Drawn(name, float(r), d, df, n) for name, r, d in columns], length.EFFECT)


def popular_above_rare(context: FindingContext) -> Judgement:
    """Finding 12."""
    table, e = context.table, context.evidence
    if e.headline not in e.training:
        raise NotTestable("the split's training part is unknown")
    tested = set(table.ids)
    counts = {i: c for i, c in rarity.category_counts(e, e.headline).items() if i in tested}
    popular, rare, _ = rarity.groups(counts)
    if min(len(popular), len(rare)) < rarity.FEWEST:
        sizes = f"{len(popular)} popular and {len(rare)} rare proteins were tested"
        raise NotTestable(f"{sizes}, {rarity.FEWEST} of each are needed")
    found = rarity.auc_of(table, popular, rare)
    judged = each_above([Rank("AUC of popular over rare, mean over the pairs", found.mean())], 0.5)
    return replace(judged, items=[Rank(name, found.only(k)) for k, name in enumerate(table.labels)])


def no_effect_of_chains(context: FindingContext) -> Judgement:
    """Finding 13."""
    single, multiple = chains.groups(context.table, context.evidence, "entities")
    if min(single.shape[1], multiple.shape[1]) < chains.FEWEST:
        sizes = f"{single.shape[1]} proteins of one chain and {multiple.shape[1]} of several different ones were tested"
        raise NotTestable(f"{sizes}, {chains.FEWEST} of each are needed")
    found = chains.effect(context.table, context.evidence, "entities")
    items = [Rank(name, found.only(k), effect=True) for k, name in enumerate(context.table.labels)]
    return each_within(items, chains.EFFECT)
