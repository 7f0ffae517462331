"""RQ4: the same structure encoder at several widths."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...config.study import Variant
from ...report.numbers import plural
from ...statistics.bootstrap import holm
from ...statistics.clusters import Floats
from ..evidence.evidence import Evidence
from ..evidence.score_table import SCORES, ScoreTable
from ..evidence.tables import Result, Row, not_testable, result

COLUMNS = ("llm", "gdm", "dimension", "control", "variant", *SCORES, "n")
METHOD = (
    "One structure encoder trained at several widths (paper Sec. 3.5), each aligned like every pair. Controls: the widest one cut "
    "by PCA to the smaller dimensions (`pca`), and heads that project every width to one common dimension (`fixed`). "
    "The trend is the calibrated score's least-squares slope on the logarithm of the dimension, per doubling, with "
    "errors over sequence clusters and seeds of the heads; Holm's correction over all trends. Every width was trained "
    "once. How another training would have come out is estimated from the scatter of the widths about the line, with "
    "as many degrees of freedom as there are widths beyond two, so three widths decide little. Where wider encoders "
    "also have more layers, the trend is of both."
)
CONTROLS = ("none", "pca", "fixed")


def control_of(variant: Variant) -> str | None:
    """`none`, `pca` or `fixed`; None for heads that are no part of the ladder."""
    if variant == Variant():
        return "none"
    if variant.structure_pca and variant == Variant(structure_pca=variant.structure_pca):
        return "pca"
    if variant.dimension and variant == Variant(dimension=variant.dimension):
        return "fixed"
    return None


def ladder_table(evidence: Evidence) -> tuple[ScoreTable, list[Row]]:
    """The rungs with every control, and `control` and `dimension` of each; the widest ends the PCA's ladder too."""
    gdms, found = evidence.catalogue.gdms, []
    for r in evidence.results:
        gdm, control = gdms[r.structure_encoder], control_of(r.settings)
        if gdm.role == "ladder" and control and gdm.dimension and evidence.headline in r.splits:
            dimension = _dimension(gdm.dimension, r.settings, r.splits[evidence.headline].summary)
            found.append((r, {"control": control, "dimension": dimension}))
    cut = {(r.structure_encoder, r.language_model) for r, about in found if about["control"] == "pca"}
    found += [
        (r, about | {"control": "pca"})
        for r, about in found
        if about["control"] == "none" and (r.structure_encoder, r.language_model) in cut
    ]
    found.sort(key=lambda f: (f[0].language_model, CONTROLS.index(f[1]["control"]), f[1]["dimension"]))
    return evidence.table(r for r, _ in found), [about for _, about in found]


def _dimension(own: int, variant: Variant, summary: dict[str, Any]) -> int:
    """What the head reads: a PCA has no more components than training proteins less one."""
    limits = (variant.structure_pca, (summary.get("n_train") or 0) - 1 if variant.structure_pca else None)
    return min([own, *(limit for limit in limits if limit and limit > 0)])


def slope_weights(dimensions: Sequence[int]) -> Floats:
    """Weights w (k,) such that w @ scores is the least-squares slope on log2 of the dimension."""
    x = np.log2(np.asarray(dimensions, dtype=float))
    x = x - x.mean()
    return x / (x @ x)


def ladders(table: ScoreTable, about: list[Row]) -> dict[tuple[str, str], list[int]]:
    """Places in the table of the rungs of each (LLM, control) that has at least three."""
    keys = [(r.language_model, a["control"]) for r, a in zip(table.results, about, strict=True)]
    found = {key: [i for i, k in enumerate(keys) if k == key] for key in dict.fromkeys(keys)}
    return {key: places for key, places in found.items() if len({about[i]["dimension"] for i in places}) >= 3}


def slopes(table: ScoreTable, about: list[Row]) -> dict[tuple[str, str], Floats]:
    """For every (LLM, control) the weights (p,) of the table's scores that give its slope per doubling."""
    found = {}
    for key, places in ladders(table, about).items():
        weights = np.zeros(len(table.results))
        weights[places] = slope_weights([about[i]["dimension"] for i in places])
        found[key] = weights
    return found


def trainings(scores: Floats, table: ScoreTable, about: list[Row]) -> dict[tuple[str, str], tuple[float, float]]:
    """For every (LLM, control) the variance of its slope by the widths' trainings, and the degrees of freedom of that.

    scores: of the table's results (p,). The trainings' own spread and all other noise of single widths is what lies about
    the line, so it is on the safe side. A PCA cuts one encoder, trained once: its slope has no such variance.
    """
    found = {}
    for key, places in ladders(table, about).items():
        x = np.log2([about[i]["dimension"] for i in places])
        _, residual, *_ = np.polyfit(x, scores[places], 1, full=True)
        df = len(places) - 2
        variance = float(residual.sum()) / df / float(((x - x.mean()) ** 2).sum())
        found[key] = (0.0, 1.0) if key[1] == "pca" else (variance, float(df))
    return found


def trends(table: ScoreTable, about: list[Row]) -> list[Row]:
    """The slopes with their intervals."""
    found, sizes, means = slopes(table, about), ladders(table, about), table.means("calibrated")
    if not found:
        return []
    variance, df = np.transpose([trainings(means.value, table, about)[key] for key in found])
    slope = means.contrasts(np.stack(list(found.values()))).widened(variance, df)
    names = ("slope", "low", "high", "p", "p_corrected")
    columns = zip(slope.value, *slope.ends(), slope.p(), holm(slope.p()), strict=True)
    return [
        {"llm": key[0], "control": key[1], "rungs": len(sizes[key])} | dict(zip(names, numbers, strict=True))
        for key, numbers in zip(found, columns, strict=True)
    ]


def run(evidence: Evidence) -> Result:
    """Scores by width, with controls, and their trends (docs/outputs.md)."""
    table, about = ladder_table(evidence)
    why = evidence.too_few(table.families) if table.results else "the study has no `dimension_ladder`"
    if why:
        return not_testable("dimension", why, columns=COLUMNS, method=METHOD, trend=[])
    rows = [s | a for s, a in zip(table.summaries(), about, strict=True)]
    trend = trends(table, about)
    return result("dimension", rows, columns=COLUMNS, answer=_answer(trend), method=METHOD, trend=trend)


def _answer(trend: list[Row]) -> str:
    if not trend:
        return "Fewer than three widths were tested: there is no trend to speak of."
    words = {"none": "as trained", "pca": "cut by PCA", "fixed": "with heads of one common dimension"}
    said = [f"{words[t['control']]}, {t['llm']}: {t['slope']:.3f} [{t['low']:.3f}, {t['high']:.3f}]" for t in trend]
    beyond = sum(t["p_corrected"] < 0.05 for t in trend)
    return (
        f"Change of the calibrated score per doubling of the dimension, with one training per width: {'; '.join(said)}; "
        f"beyond chance in {beyond} of {plural(len(trend), 'trend')}."
    )
