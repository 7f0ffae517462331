"""Findings 14 to 17: what a wider encoder, deeper heads and fine-tuning do to the score."""

from collections.abc import Callable
from dataclasses import replace

from ..depth.analysis import depth_table, steps
from ..dimension.analysis import ladder_table, slopes, trainings
from ..fine_tuning.analysis import comparisons, tuning_table
from .context import FindingContext
from .judgement import Contrast, Judgement, NotTestable, average, each_above, each_below, minus

NOTHING = 0.01  # a gain that counts as none


def wider_is_better(context: FindingContext) -> Judgement:
    """Finding 14."""
    table, about = ladder_table(context.evidence)
    if not table.results:
        raise NotTestable("the study has no `dimension_ladder`")
    gdms = context.evidence.catalogue.gdms
    if all(gdms[r.structure_encoder].is_random for r in table.results):
        raise NotTestable("the encoders of the width series have random weights")
    found, means = slopes(context.check(table), about), table.means(context.score)
    spread = trainings(means.value, table, about)
    named = {
        control: [
            Contrast(f"{llm}, {words}", means, w, spread[llm, c]) for (llm, c), w in found.items() if c == control
        ]
        for control, words in (("none", "per doubling"), ("pca", "cut by PCA"))
    }
    trained = named["none"]
    if not trained:
        raise NotTestable("the width series has fewer than three widths")
    judged = each_above(trained)
    return _with_control(
        judged,
        named["pca"],
        "cutting the widest one by PCA lowers it too, which takes information away as well as dimensions",
    )


def _with_control(judged: Judgement, control: list[Contrast], remark: str) -> Judgement:
    """The same verdict, with a remark if it holds and every item of a control is above 0 too."""
    same = judged.verdict == "holds" and control and each_above(control).verdict == "holds"
    return replace(judged, why=remark if same else judged.why, items=[*judged.items, *control])


def _depth_gain(context: FindingContext, to: int) -> tuple[Contrast, list[Contrast]]:
    """What the layer `to` adds, mean over the pairs, and for each pair."""
    table, layers = depth_table(context.evidence)
    kept = [
        i
        for i, r in enumerate(table.results)
        if {r.structure_encoder} <= {*context.gdms} and r.language_model in context.llms
    ]
    places = [(a, b) for a, b in steps(table, layers) if layers[a] == to and a in kept]
    if not places:
        raise NotTestable(f"the study has no heads of {to} layers beside those of {to - 1} (`alignment.layers`)")
    items = context.items(table)
    gains = [minus(items[a], items[b], items[a].label) for a, b in places]
    return average(f"layer {to}, mean over the pairs", gains), gains


def second_layer_helps(context: FindingContext) -> Judgement:
    """Finding 15."""
    mean, gains = _depth_gain(context, 2)
    return replace(each_above([mean]), items=[*gains])


def third_layer_adds_nothing(context: FindingContext) -> Judgement:
    """Finding 16."""
    mean, gains = _depth_gain(context, 3)
    return replace(each_below([mean], NOTHING), items=[*gains])


def tuned_above_base(context: FindingContext) -> Judgement:
    """Finding 17."""
    table = tuning_table(context.evidence)
    if not table.results:
        raise NotTestable("the study fine-tunes no language model (`fine_tuning`)")
    items = context.items(table)
    found = [
        (names, minus(items[a], items[b]))
        for names, (a, b) in comparisons(table, context.evidence)
        if names["gdm"] in context.gdms
    ]
    tuned = _mean_over_gdms(found, lambda names: names["kinds"] == "tuned - base")
    if not tuned:
        raise NotTestable("no fine-tuned model has its base beside it")
    judged = each_above(tuned)
    control = _mean_over_gdms(found, lambda names: names["kinds"] == "tuned - shuffled")
    if judged.verdict == "holds" and control and each_above(control).verdict != "holds":
        why = "that it gains more than the control whose ids are exchanged is not shown: descriptions alone may do it"
        judged = replace(judged, why=why)
    return replace(judged, items=[*judged.items, *control])


def _mean_over_gdms(
    found: list[tuple[dict[str, str], Contrast]], chosen: Callable[[dict[str, str]], bool]
) -> list[Contrast]:
    """The mean over GDMs of each comparison of two language models."""
    by_models: dict[str, list[Contrast]] = {}
    for names, item in found:
        if chosen(names):
            by_models.setdefault(f"{names['a']} - {names['b']}", []).append(item)
    return [average(models, items) for models, items in by_models.items()]
