"""Figures of rows of values with intervals: a name at the left, marks on one axis."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..palette import gdm_colours
from ..results import StudyResults
from .canvas import FAINT, INK, MUTED, blank, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Row = Mapping[str, Any]
MARKERS = ("o", "D", "s", "^")


def _frame(labels: Sequence[str], title: str) -> tuple["Figure", "Axes"]:
    figure, [axes] = blank(6.4, 0.9 + 0.26 * max(3, len(labels)))
    axes.set_yticks(range(len(labels)), shown(labels))
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlabel(title)
    axes.grid(axis="x")
    axes.axvline(0, color=MUTED, lw=0.8, ls=(0, (3, 3)))
    axes.tick_params(axis="y", length=0)
    return figure, axes


def _mark(axes: "Axes", y: float, value: float | None, low: float | None, high: float | None, **look: Any) -> None:
    if value is None:
        return
    if low is not None and high is not None:
        axes.plot([low, high], [y, y], color=look["color"], lw=1.4, alpha=0.6, solid_capstyle="butt")
    filled = look.pop("filled", True)
    edge = {"mfc": look["color"] if filled else "white", "mec": look["color"]}
    axes.plot([value], [y], ls="none", ms=5 if filled else 4.4, **edge, **look)


def _key(axes: "Axes", entries: Sequence[tuple[str, str, bool]]) -> None:
    """A legend of (text, marker, filled) above the axes."""
    from matplotlib.lines import Line2D

    marks = [
        Line2D([], [], marker=m, ls="none", color=INK, mfc=INK if filled else "white", ms=5, label=text)
        for text, m, filled in entries
    ]
    axes.legend(handles=marks, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(marks), handletextpad=0.2)


def _labels(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(r["label"] for r in rows))


def pairs(results: StudyResults) -> "Figure":
    """Fig. 2: every pair's score, trained and untrained, by split."""
    question = results.questions["pairs"]
    rows = [r for r in question["rows"] if {r["gdm_role"], r["llm_role"]} <= {"main", "baseline"}]
    colours, splits, labels = gdm_colours(rows), question["splits"], _labels(rows)
    figure, axes = _frame(labels, "alignment score")
    for row in rows:
        k = splits.index(row["split"])
        y = labels.index(row["label"]) + 0.3 * (k - (len(splits) - 1) / 2)
        trained = row["state"] == "trained"
        look = {"color": colours[row["gdm"]] if trained else MUTED, "filled": trained}
        _mark(axes, y, row["score"], row["low"], row["high"], marker=MARKERS[k] if trained else "o", **look)
        _mark(axes, y, row["null_mean"], None, None, marker="|", color=MUTED)
    keys = [(f"trained, {s.replace('_', ' ')}", MARKERS[k], True) for k, s in enumerate(splits)]
    _key(axes, [*keys, ("untrained", "o", False), ("chance", "|", True)])
    return figure


def separability(results: StudyResults) -> "Figure":
    """The pairs from best to worst."""
    question = results.questions["separability"]
    colours = gdm_colours(results.rows("pairs"))
    figure, axes = _frame(_labels(question["pairs"]), "calibrated score")
    for y, row in enumerate(question["pairs"]):
        _mark(
            axes,
            y,
            row["calibrated"],
            row["calibrated_low"],
            row["calibrated_high"],
            marker="o",
            color=colours.get(row["gdm"], INK),
        )
    for label, row in zip(axes.get_yticklabels(), question["pairs"], strict=True):
        label.set_fontweight("bold" if row["label"] in question["best"] else "normal")
    return figure


def slopes(results: StudyResults) -> "Figure":
    """The standardised effect of length, by pair."""
    return _one_mark(results, "length", "standardised", "standardised slope of the score on length")


def rarity(results: StudyResults) -> "Figure":
    """Fig. 4b: the score against two measures of how well a protein is known."""
    rows, colours = results.rows("rarity"), gdm_colours(results.rows("pairs"))
    figure, axes = _frame(_labels(rows), "Spearman's correlation with the score")
    for y, r in enumerate(rows):
        look = {"color": colours.get(r["gdm"], INK)}
        _mark(axes, y - 0.15, r["spearman"], r["spearman_low"], r["spearman_high"], marker="o", **look)
        _mark(axes, y + 0.15, r["identity_spearman"], r["identity_low"], r["identity_high"], marker="D", **look)
    _key(axes, [("training entries of the name", "o", True), ("identity to the nearest", "D", True)])
    return figure


def depth(results: StudyResults) -> "Figure":
    """Fig. 5: heads of one, two and three layers."""
    return _several_marks(results, "depth", "layers", {1: "1 layer", 2: "2 layers", 3: "3 layers"})


def fine_tuning(results: StudyResults) -> "Figure":
    """Fig. 6: base, tuned, and tuned on wrong descriptions."""
    kinds = {"base": "as published", "tuned": "fine-tuned", "shuffled": "wrong descriptions"}
    return _several_marks(results, "fine_tuning", "kind", kinds)


def methods(results: StudyResults) -> "Figure":
    """What each option of method changes."""
    rows = [r for r in results.rows("methods") if r["difference"] is not None]
    colours = gdm_colours(results.rows("pairs"))
    figure, axes = _frame(
        [f"{r['method']}: {r['label']}" for r in rows], "difference of the calibrated score to the default"
    )
    for y, r in enumerate(rows):
        look = {"marker": "o", "color": colours.get(r["gdm"], INK)}
        _mark(axes, y, r["difference"], r["difference_low"], r["difference_high"], **look)
    return figure


def _one_mark(results: StudyResults, question: str, key: str, title: str) -> "Figure":
    rows, colours = results.rows(question), gdm_colours(results.rows("pairs"))
    figure, axes = _frame(_labels(rows), title)
    for y, r in enumerate(rows):
        _mark(axes, y, r[key], r[f"{key}_low"], r[f"{key}_high"], marker="o", color=colours.get(r["gdm"], INK))
    return figure


def _several_marks(results: StudyResults, question: str, key: str, kinds: Mapping[Any, str]) -> "Figure":
    rows, colours = results.rows(question), gdm_colours(results.rows("pairs"))
    names = {id(r): f"{r['gdm']} × {r.get('base') or r['llm']}" for r in rows}
    labels, shapes = list(dict.fromkeys(names.values())), dict(zip(kinds, ("o", "o", "D"), strict=True))
    figure, axes = _frame(labels, "calibrated score")
    for r in rows:
        place = list(kinds).index(r[key])
        look = {"marker": shapes[r[key]], "color": colours.get(r["gdm"], INK), "filled": place > 0}
        ends = r["calibrated_low"], r["calibrated_high"]
        _mark(axes, labels.index(names[id(r)]) + 0.24 * (place - 1), r["calibrated"], *ends, **look)
    present = [k for k in kinds if any(r[key] == k for r in rows)]
    _key(axes, [(kinds[k], shapes[k], list(kinds).index(k) > 0) for k in present])
    axes.grid(color=FAINT)
    return figure
