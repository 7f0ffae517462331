"""Findings 1 to 6 and 18 to 20: about the scores of pairs."""

from dataclasses import replace
from itertools import combinations, pairwise

from ...config.study import Variant
from ...statistics.bootstrap import holm
from ..evidence.evidence import ONE_LAYER
from ..evidence.score_table import ScoreTable
from .context import FindingContext, items_of
from .judgement import (
    UNKNOWN,
    Contrast,
    Judgement,
    NotTestable,
    all_of,
    average,
    each_above,
    each_below,
    each_within,
    minus,
)  # fmt: skip

UNTRAINED_BOUND = 0.05  # the paper's
NOT_BELOW = 0.01  # a shortfall that counts as none
NEG_STAYS = 0.02
ORDER = ("scannet", "gearnet", "gvp", "gat")


def trained_above_untrained(context: FindingContext) -> Judgement:
    """Finding 1."""
    pairs = zip(context.parts["trained"], context.parts["untrained"], strict=True)
    return each_above([minus(a, b, a.label) for a, b in pairs])


def untrained_near_zero(context: FindingContext) -> Judgement:
    """Finding 2."""
    return each_within(context.parts["untrained"], UNTRAINED_BOUND)


def order_of_gdms(context: FindingContext) -> Judgement:
    """Finding 3: each step of the order, as far as the study has its GDMs."""
    steps, missing = [], []
    for upper, lower in pairwise(ORDER):
        try:
            a, b = (context.mean_score(context.of_kind(kind).name) for kind in (upper, lower))
        except NotTestable as why:
            missing.append(Judgement(UNKNOWN, None, str(why)))
            continue
        steps.append((minus(a, b), -NOT_BELOW if upper == "scannet" else 0.0))
    judged = [each_above([step], bound, among=len(steps)) for step, bound in steps]
    return all_of(*judged, *missing)


def gat_not_above_zero(context: FindingContext) -> Judgement:
    """Finding 4."""
    gat = context.of_kind("gat").name
    found = zip(context.table.results, context.scores, strict=True)
    return each_below([item for r, item in found if r.structure_encoder == gat], 0.0)


def _size_steps(context: FindingContext, items: list[Contrast]) -> list[Contrast]:
    """Larger minus next smaller LLM of each family, mean over the GDMs. Raises NotTestable without such a family."""
    families = context.evidence.catalogue.families().values()
    steps = [
        minus(context.mean_score("", items, llm=b.name), context.mean_score("", items, llm=a.name))
        for models in families
        for a, b in pairwise(models)
        if a.parameters_billion != b.parameters_billion
    ]
    if not steps:
        raise NotTestable(
            "the study has no two main language models of one `family` that differ in `parameters_billion`"
        )
    return steps


def larger_llm_higher_score(context: FindingContext) -> Judgement:
    """Finding 5."""
    return each_above(_size_steps(context, context.scores))


def pos_rises_neg_stays(context: FindingContext) -> Judgement:
    """Finding 6."""
    pos, neg = (_size_steps(context, context.parts[name]) for name in ("pos", "neg"))
    pos, neg = (
        [replace(i, label=f"{name}: {i.label}") for i in some]
        for name, some in (("own text", pos), ("other texts", neg))
    )
    among = len(pos) + len(neg)
    return all_of(each_above(pos, among=among), each_within(neg, NEG_STAYS, among=among))


# --- ours -------------------------------------------------------------------------------------------------


def gdm_means(context: FindingContext, table: ScoreTable) -> dict[str, Contrast]:
    """The mean score over the LLMs of each GDM of a table."""
    items = context.items(table)
    by_gdm: dict[str, list[Contrast]] = {}
    for r, item in zip(table.results, items, strict=True):
        by_gdm.setdefault(r.structure_encoder, []).append(item)
    return {gdm: average(gdm, some) for gdm, some in by_gdm.items()}


def _separable(context: FindingContext, means: dict[str, Contrast]) -> list[tuple[str, str]]:
    """Pairs of GDMs (higher, lower) that the headline split tells apart, Holm's correction over all of them."""
    pairs = list(combinations(means, 2))
    items = [minus(means[a], means[b]) for a, b in pairs]
    p = holm([i.estimate.p()[0] for i in items])
    chosen = zip(pairs, items, p, strict=True)
    return [(a, b) if item.value > 0 else (b, a) for (a, b), item, p_ in chosen if p_ < 0.05]


def _equal_dimension(context: FindingContext) -> ScoreTable:
    """The main pairs with all structure embeddings cut to one dimension."""
    tried = [
        (settings.structure_pca, context.evidence.select(gdms=context.gdms, llms=context.llms, variant=settings))
        for settings in dict.fromkeys(r.settings for r in context.evidence.results)
        if settings.structure_pca and settings == Variant(structure_pca=settings.structure_pca)
    ]
    complete = [(d, found) for d, found in tried if {r.structure_encoder for r in found} == set(context.gdms)]
    if not complete:
        raise NotTestable(
            "no method cuts all main structure encoders to one dimension (`alignment.methods` with `structure_pca`)"
        )
    return context.evidence.table(max(complete, key=lambda c: c[0])[1])


def _standardised(context: FindingContext) -> ScoreTable | None:
    """The main pairs with standardised inputs; None if the study has none for every main GDM."""
    found = context.evidence.select(gdms=context.gdms, llms=context.llms, variant=Variant(inputs="standardised"))
    return context.evidence.table(found) if {r.structure_encoder for r in found} == set(context.gdms) else None


def _cluster_split(context: FindingContext) -> ScoreTable:
    name = next((s for s in context.evidence.splits if "cluster" in s), None)
    if name is None:
        raise NotTestable("the study holds no relatives out (`alignment.splits`)")
    if name == context.evidence.headline:
        raise NotTestable("the study always holds relatives out, so there is no order to compare")
    return context.evidence.table(
        context.evidence.select(gdms=context.gdms, llms=context.llms, variant=ONE_LAYER), name
    )


def order_survives(context: FindingContext) -> Judgement:
    """Finding 18."""
    means = {gdm: context.mean_score(gdm) for gdm in dict.fromkeys(r.structure_encoder for r in context.table.results)}
    if len(means) < 2:
        raise NotTestable("the study has only one main structure encoder with trained weights")
    separable = _separable(context, means)
    if not separable:
        raise NotTestable("the main split tells no two structure encoders apart, so there is no order to survive")
    steps, missing = [], []
    for words, make in (("equal dimensions", _equal_dimension), ("relatives held out", _cluster_split)):
        try:
            other = gdm_means(context, make(context))
        except NotTestable as why:
            missing.append(Judgement(UNKNOWN, None, str(why)))
            continue
        steps.append([minus(other[a], other[b], f"{words}: {a} - {b}") for a, b in separable])
    if (table := _standardised(context)) is not None:
        other = gdm_means(context, table)
        steps.append([minus(other[a], other[b], f"standardised inputs: {a} - {b}") for a, b in separable])
    judged = [each_above(step, among=sum(map(len, steps))) for step in steps]
    return all_of(*judged, *missing)


def above_baseline(context: FindingContext) -> Judgement:
    """Finding 19."""
    catalogue = context.evidence.catalogue
    baseline = next((name for name, e in catalogue.gdms.items() if e.kind == "composition"), None)
    if baseline is None:
        raise NotTestable("the study has no encoder `composition` to compare with")
    results = context.evidence.select(gdms=[*context.gdms, baseline], llms=context.llms)
    table = context.evidence.table(results)
    items = dict(zip(table.results, context.items(table), strict=True))
    base = {r.language_model: item for r, item in items.items() if r.structure_encoder == baseline}
    pairs = [(r, item) for r, item in items.items() if r.structure_encoder != baseline and r.language_model in base]
    if not pairs:
        raise NotTestable(f"no pair of {baseline} was aligned with a main language model")
    return each_above([minus(item, base[r.language_model], item.label) for r, item in pairs])


def above_null(context: FindingContext) -> Judgement:
    """Finding 20."""
    items = items_of(context.table.labels, context.table.means("calibrated"))
    return each_above(items, refuted_below=NOT_BELOW)
