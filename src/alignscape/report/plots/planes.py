"""Figures with two axes: the heat map, the ladder of dimensions, screening."""

from typing import TYPE_CHECKING

import numpy as np

from ..palette import gdm_colours, model_colours
from ..results import StudyResults
from .canvas import INK, MUTED, blank, shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEASURES = {"mutual_knn": "mutual kNN", "cka": "CKA, unbiased", "cknna": "CKNNA"}
CONTROLS = {"none": ("-", "o"), "pca": ("--", "s"), "fixed": (":", "D")}


def correlation(results: StudyResults) -> "Figure":
    """Fig. 3a: Pearson's r between the pairs' scores, similar pairs side by side."""
    import seaborn as sns
    from matplotlib.colors import LinearSegmentedColormap

    question = results.questions["correlation"]
    order = question["order"]
    r = np.array(question["r"], dtype=float)[np.ix_(order, order)]
    ends = [question["pairs"][i] for i in order]
    names = shown([p["label"] + (" (untrained)" if p["state"] == "untrained" else "") for p in ends])
    figure, [axes] = blank(1.8 + 0.42 * len(order), 1.5 + 0.4 * len(order))
    colours = LinearSegmentedColormap.from_list("blue and orange", ["#b35806", "#f7f7f4", "#2166ac"])
    look = {"annot": len(order) <= 20, "fmt": ".2f", "annot_kws": {"size": 6.5}, "linewidths": 0.6, "square": True}
    sns.heatmap(r, vmin=-1, vmax=1, cmap=colours, cbar_kws={"label": "Pearson's r", "shrink": 0.5}, ax=axes, **look)
    axes.set_xticks(np.arange(len(names)) + 0.5, names, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(np.arange(len(names)) + 0.5, names, rotation=0)
    axes.tick_params(length=0)
    return figure


def dimension(results: StudyResults) -> "Figure":
    """Fig. 3b: score against the width of the structure embedding."""
    rows = results.rows("dimension")
    colours = model_colours([r["llm"] for r in rows])
    figure, [axes] = blank(6.0, 3.4)
    for llm in colours:
        for control, (dashes, marker) in CONTROLS.items():
            mine = [r for r in rows if (r["llm"], r["control"]) == (llm, control)]
            if not mine:
                continue
            x, y = [r["dimension"] for r in mine], [r["calibrated"] for r in mine]
            name = shown([llm])[0] + ("" if control == "none" else f", {control}")
            axes.plot(x, y, dashes, marker=marker, ms=4, color=colours[llm], label=name)
            low, high = ([r[f"calibrated_{end}"] for r in mine] for end in ("low", "high"))
            axes.vlines(x, low, high, color=colours[llm], alpha=0.5)
    widths = sorted({r["dimension"] for r in rows})
    axes.set_xscale("log", base=2)
    axes.set_xticks(widths, [str(w) for w in widths])
    axes.minorticks_off()
    axes.set(xlabel="dimension of the structure embedding", ylabel="calibrated score")
    axes.grid(axis="y")
    axes.legend(fontsize=7)
    return figure


def screening(results: StudyResults) -> "Figure":
    """Measures without training against the trained score, a point a pair."""
    rows, colours = results.rows("screening"), gdm_colours(results.rows("pairs"))
    figure, panels = blank(6.8, 2.5, columns=3)
    for axes, (measure, title) in zip(panels, MEASURES.items(), strict=True):
        for gdm in dict.fromkeys(r["gdm"] for r in rows):
            mine = [r for r in rows if r["gdm"] == gdm and r[measure] is not None and r["calibrated"] is not None]
            look = {"ls": "none", "marker": "o", "ms": 4.5, "color": colours.get(gdm, INK), "label": shown([gdm])[0]}
            axes.plot([r[measure] for r in mine], [r["calibrated"] for r in mine], **look)
        axes.set_xlabel(title)
        axes.grid(axis="y")
        axes.axhline(0, color=MUTED, lw=0.8, ls=(0, (3, 3)))
    panels[0].set_ylabel("calibrated score after training")
    panels[2].legend(fontsize=7, loc="best")
    return figure
