"""Figures with a point a protein: length, chains, relatives, the data set."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..palette import gdm_colours
from ..results import StudyResults
from ..sections.dataset import protein_facts
from .canvas import INK, blank, log_ticks, note, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_POINTS = 300  # of one violin


def _panels(results: StudyResults) -> tuple[Sequence[Mapping[str, Any]], list[dict[str, str]]]:
    """The tested proteins, and the pairs whose scores they have."""
    return results.rows("proteins"), list(results.questions.get("proteins", {}).get("pairs", ()))


def length(results: StudyResults) -> "Figure":
    """Fig. 4a: score against length, a panel a pair, with the fit of the analysis."""
    points, pairs = _panels(results)
    if not points:
        return note("The scores protein by protein are not part of this run.")
    fits = {r["label"]: r for r in results.rows("length")}
    colours, columns = gdm_colours(results.rows("pairs")), min(4, len(pairs))
    rows = -(-len(pairs) // columns)
    figure, panels = blank(2.1 * columns + 0.6, 1.9 * rows + 0.4, columns=columns, rows=rows)
    for axes, pair in zip(panels, pairs, strict=False):
        _cloud(axes, points, pair["label"], colours.get(pair["gdm"], INK), fits.get(pair["label"]))
    for axes in panels[len(pairs) :]:
        axes.axis("off")
    figure.supxlabel("length, amino acids", size=8)
    figure.supylabel("score of a protein", size=8)
    return figure


def _cloud(axes: "Axes", points: Sequence[Mapping], label: str, colour: str, fit: Mapping | None) -> None:
    known = [p for p in points if p[label] is not None and p["length"]]
    x = np.array([p["length"] for p in known])
    many = len(known) > 2000
    axes.scatter(x, [p[label] for p in known], s=3 if many else 7, lw=0, color=colour, alpha=0.3, rasterized=many)
    log_ticks(axes, x.min(initial=1), x.max(initial=1))
    axes.set_title(shown([label])[0], fontsize=7, fontweight="normal")
    axes.grid(axis="y")
    if fit and len(x):
        grid = np.geomspace(x.min(), x.max(), 60)
        axes.plot(grid, fit["intercept"] + fit["slope"] * grid, color=INK, lw=1)


def chains(results: StudyResults) -> "Figure":
    """Fig. 4c: violin, box and points of single and multiple, a panel a language model."""
    import pandas as pd
    import seaborn as sns

    points, pairs = _panels(results)
    if not points:
        return note("The scores protein by protein are not part of this run.")
    colours, llms = gdm_colours(results.rows("pairs")), list(dict.fromkeys(p["llm"] for p in pairs))
    figure, panels = blank(6.8, 2.7 * len(llms), rows=len(llms))
    for axes, llm in zip(panels, llms, strict=True):
        mine = [p for p in pairs if p["llm"] == llm]
        table = pd.DataFrame(
            {"gdm": pair["gdm"], "chains": "single" if p["entities"] == 1 else "multiple", "score": p[pair["label"]]}
            for pair in mine
            for p in points
            if p[pair["label"]] is not None
        )
        order = {"order": [p["gdm"] for p in mine], "hue_order": ["single", "multiple"]}
        place = {"data": table, "x": "gdm", "y": "score", "hue": "chains", **order, "ax": axes}
        shades = {"single": "#8fb3c9", "multiple": "#d9b38c"}
        sns.violinplot(**place, palette=shades, inner=None, cut=0, linewidth=0.7, density_norm="width")
        sns.boxplot(
            **place,
            fill=False,
            palette=dict.fromkeys(shades, INK),
            width=0.8,
            linewidth=0.8,
            fliersize=0,
            gap=0.75,
            legend=False,
        )
        _points(axes, table, [p["gdm"] for p in mine], colours)
        axes.set(xlabel="", title=f"with {shown([llm])[0]}", ylabel="score of a protein")
        axes.legend(title=None, loc="best", fontsize=7)
    return figure


def _points(axes: "Axes", table: Any, gdms: Sequence[str], colours: Mapping[str, str]) -> None:
    generator = np.random.default_rng(0)
    for place, gdm in enumerate(gdms):
        for shift, what in ((-0.2, "single"), (0.2, "multiple")):
            scores = np.sort(table.score[(table.gdm == gdm) & (table.chains == what)].to_numpy())
            if len(scores) > MOST_POINTS:
                scores = scores[np.linspace(0, len(scores) - 1, MOST_POINTS).round().astype(int)]
            x = place + shift + generator.uniform(-0.12, 0.12, len(scores))
            axes.scatter(x, scores, s=3, lw=0, color=colours.get(gdm, INK), alpha=0.5, zorder=3)


def leakage(results: StudyResults) -> "Figure":
    """Identity of the test proteins to their nearest training protein, a panel a split."""
    rows = [r for r in results.rows("leakage") if r["identity"] is not None]
    splits = list(dict.fromkeys(r["split"] for r in rows))
    if not rows:
        return note("The identity to the training proteins is not known.")
    figure, panels = blank(3.2 * len(splits), 2.4, columns=len(splits))
    for axes, split in zip(panels, splits, strict=True):
        values = [r["identity"] for r in rows if r["split"] == split]
        axes.hist(values, bins=np.linspace(0, 1, 21), color="#7d9cae", ec="white", lw=0.6)
        axes.set(title=split.replace("_", " "), xlabel="identity to the nearest", ylabel="test proteins")
    return figure


def dataset(results: StudyResults) -> "Figure":
    """Fig. 7: lengths, entities and chains of the proteins."""
    rows = protein_facts(results)
    if not rows:
        return note("No facts of proteins are at hand.")
    figure, panels = blank(6.8, 2.2, columns=3)
    look = {"color": "#7d9cae", "ec": "white", "lw": 0.6}
    lengths = np.maximum(1, [r["length"] for r in rows])
    panels[0].hist(lengths, bins=np.geomspace(lengths.min() / 1.05, lengths.max() * 1.05, 31), **look)
    log_ticks(panels[0], lengths.min(), lengths.max())
    panels[0].set(xlabel="amino acids", ylabel="proteins")
    for axes, key, title in ((panels[1], "n_entities", "entities"), (panels[2], "n_chains", "chains")):
        counts = np.bincount(np.minimum(8, [r[key] for r in rows]), minlength=9)
        axes.bar(range(9), counts, **look)
        axes.set(xlabel=title, xticks=range(1, 9), xticklabels=[*map(str, range(1, 8)), "8+"])
    return figure
