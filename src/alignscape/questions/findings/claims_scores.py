"""Findings 1 to 6 and 18 to 20: about the scores of pairs."""

from dataclasses import replace
from itertools import combinations, pairwise

from ...config.study import Variant
from ...statistics.bootstrap import holm
from ..evidence.evidence import ONE_LAYER
from ..evidence.score_table import ScoreTable
from .case import Case, items_of
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


def trained_above_untrained(case: Case) -> Judgement:
    """Finding 1."""
    pairs = zip(case.parts["trained"], case.parts["untrained"], strict=True)
    return each_above([minus(a, b, a.label) for a, b in pairs])


def untrained_near_zero(case: Case) -> Judgement:
    """Finding 2."""
    return each_within(case.parts["untrained"], UNTRAINED_BOUND)


def order_of_gdms(case: Case) -> Judgement:
    """Finding 3: each step of the order, as far as the study has its GDMs."""
    steps, missing = [], []
    for upper, lower in pairwise(ORDER):
        try:
            a, b = (case.mean_score(case.of_kind(kind).name) for kind in (upper, lower))
        except NotTestable as why:
            missing.append(Judgement(UNKNOWN, None, str(why)))
            continue
        steps.append((minus(a, b), -NOT_BELOW if upper == "scannet" else 0.0))
    judged = [each_above([step], bound, among=len(steps)) for step, bound in steps]
    return all_of(*judged, *missing)


def gat_not_above_zero(case: Case) -> Judgement:
    """Finding 4."""
    gat = case.of_kind("gat").name
    found = zip(case.table.results, case.scores, strict=True)
    return each_below([item for r, item in found if r.structure_encoder == gat], 0.0)


def _size_steps(case: Case, items: list[Contrast]) -> list[Contrast]:
    """Larger minus next smaller LLM of each family, mean over the GDMs. Raises NotTestable without such a family."""
    families = case.evidence.catalogue.families().values()
    steps = [
        minus(case.mean_score("", items, llm=b.name), case.mean_score("", items, llm=a.name))
        for models in families
        for a, b in pairwise(models)
        if a.parameters_billion != b.parameters_billion
    ]
    if not steps:
        raise NotTestable(
            "the study has no two main language models of one `family` that differ in `parameters_billion`"
        )
    return steps


def larger_llm_higher_score(case: Case) -> Judgement:
    """Finding 5."""
    return each_above(_size_steps(case, case.scores))


def pos_rises_neg_stays(case: Case) -> Judgement:
    """Finding 6."""
    pos, neg = (_size_steps(case, case.parts[name]) for name in ("pos", "neg"))
    pos, neg = ([replace(i, label=f"{name}: {i.label}") for i in some] for name, some in (("pos", pos), ("neg", neg)))
    among = len(pos) + len(neg)
    return all_of(each_above(pos, among=among), each_within(neg, NEG_STAYS, among=among))


# --- ours -------------------------------------------------------------------------------------------------


def gdm_means(case: Case, table: ScoreTable) -> dict[str, Contrast]:
    """The mean score over the LLMs of each GDM of a table."""
    items = case.items(table)
    by_gdm: dict[str, list[Contrast]] = {}
    for r, item in zip(table.results, items, strict=True):
        by_gdm.setdefault(r.structure_encoder, []).append(item)
    return {gdm: average(gdm, some) for gdm, some in by_gdm.items()}


def _separable(case: Case, means: dict[str, Contrast]) -> list[tuple[str, str]]:
    """Pairs of GDMs (higher, lower) that the headline split tells apart, Holm's correction over all of them."""
    pairs = list(combinations(means, 2))
    items = [minus(means[a], means[b]) for a, b in pairs]
    p = holm([i.estimate.p()[0] for i in items])
    chosen = zip(pairs, items, p, strict=True)
    return [(a, b) if item.value > 0 else (b, a) for (a, b), item, p_ in chosen if p_ < 0.05]


def _equal_dimension(case: Case) -> ScoreTable:
    """The main pairs with all structure embeddings cut to one dimension."""
    tried = [
        (settings.structure_pca, case.evidence.select(gdms=case.gdms, llms=case.llms, variant=settings))
        for settings in dict.fromkeys(r.settings for r in case.evidence.results)
        if settings.structure_pca and settings == Variant(structure_pca=settings.structure_pca)
    ]
    complete = [(d, found) for d, found in tried if {r.structure_encoder for r in found} == set(case.gdms)]
    if not complete:
        raise NotTestable("no method cuts all main GDMs to one dimension (`alignment.methods` with `structure_pca`)")
    return case.evidence.table(max(complete, key=lambda c: c[0])[1])


def _cluster_split(case: Case) -> ScoreTable:
    name = next((s for s in case.evidence.splits if "cluster" in s), None)
    if name is None:
        raise NotTestable("the study has no cluster split")
    if name == case.evidence.headline:
        raise NotTestable("the cluster split is the only one to compare with")
    return case.evidence.table(case.evidence.select(gdms=case.gdms, llms=case.llms, variant=ONE_LAYER), name)


def order_survives(case: Case) -> Judgement:
    """Finding 18."""
    means = {gdm: case.mean_score(gdm) for gdm in dict.fromkeys(r.structure_encoder for r in case.table.results)}
    if len(means) < 2:
        raise NotTestable("the study has only one main GDM with trained weights")
    separable = _separable(case, means)
    if not separable:
        raise NotTestable("the headline split tells no two GDMs apart, so there is no order to survive")
    steps, missing = [], []
    for words, make in (("equal dimensions", _equal_dimension), ("cluster split", _cluster_split)):
        try:
            other = gdm_means(case, make(case))
        except NotTestable as why:
            missing.append(Judgement(UNKNOWN, None, str(why)))
            continue
        steps.append([minus(other[a], other[b], f"{words}: {a} - {b}") for a, b in separable])
    judged = [each_above(step, among=sum(map(len, steps))) for step in steps]
    return all_of(*judged, *missing)


def above_baseline(case: Case) -> Judgement:
    """Finding 19."""
    catalogue = case.evidence.catalogue
    baseline = next((name for name, e in catalogue.gdms.items() if e.kind == "composition"), None)
    if baseline is None:
        raise NotTestable("the study has no encoder `composition` to compare with")
    results = case.evidence.select(gdms=[*case.gdms, baseline], llms=case.llms)
    table = case.evidence.table(results)
    items = dict(zip(table.results, case.items(table), strict=True))
    base = {r.language_model: item for r, item in items.items() if r.structure_encoder == baseline}
    pairs = [(r, item) for r, item in items.items() if r.structure_encoder != baseline and r.language_model in base]
    if not pairs:
        raise NotTestable(f"no pair of {baseline} was aligned with a main language model")
    return each_above([minus(item, base[r.language_model], item.label) for r, item in pairs])


def above_null(case: Case) -> Judgement:
    """Finding 20."""
    items = items_of(case.table.labels, case.table.means("calibrated"))
    return each_above(items, refuted_below=NOT_BELOW)
