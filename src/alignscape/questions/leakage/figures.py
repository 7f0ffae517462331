"""How near the test proteins are to the training proteins, and the scores with and without relatives."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...report.figures.axis import Axis
from ...report.figures.basis import basis
from ...report.figures.figure import Figure, Key, Name, Plane, Row, Rows
from ...report.figures.marks import Bar, Estimate
from ...report.labels import SPLITS
from ...report.leading import of_leading_pairs
from ...report.numbers import count, fixed, interval, share
from ...report.palette import INK, gdm_colours
from ...report.results import StudyResults

BINS = 20
SHAPES = ("dot", "diamond", "square", "triangle")


def leakage(results: StudyResults) -> Figure:
    """Histograms of the identity to the nearest training protein, one panel per split."""
    rows = [r for r in results.rows("leakage") if r["identity"] is not None]
    known = {s: [r["identity"] for r in rows if r["split"] == s] for s in dict.fromkeys(r["split"] for r in rows)}
    if not known:
        return Figure("leakage", "Relatives", absent="The identity to the training proteins is not known.")
    shares = {s: np.histogram(v, bins=BINS, range=(0, 1))[0] / len(v) for s, v in known.items()}
    top = 1.05 * max(float(h.max()) for h in shares.values())
    panels = [_histogram(h, top, Name(f"{SPLITS.get(s, s)}, n = {count(len(known[s]))}")) for s, h in shares.items()]
    return Figure("leakage", "Relatives", panels, subtitle=basis(results, seeds=False, split=False))


@of_leading_pairs
def leakage_scores(results: StudyResults) -> Figure:
    """The same pairs with relatives allowed in training, and with whole clusters held out."""
    title, rows = "What remains without relatives", results.questions["leakage"].get("side_by_side", [])
    if not rows:
        return Figure("leakage_scores", title, absent="The study has one split; there is nothing to compare it with.")
    splits, colours = list(dict.fromkeys(s for r in rows for s in r["scores"])), gdm_colours(results.rows("pairs"))
    marked = [_row(r, splits, colours.get(r["gdm"], INK)) for r in rows]
    panel = Rows(marked, Axis("calibrated score", reference=0.0, holds=[0.0]), value="drop [95 %]")
    legend = [Key(SPLITS.get(s, s), shape) for s, shape in zip(splits, SHAPES, strict=False)]
    return Figure("leakage_scores", title, [panel], legend, subtitle=basis(results, split=False))


def _histogram(shares: np.ndarray, top: float, title: Name) -> Plane:
    edges = np.linspace(0, 1, BINS + 1)
    bars = [
        Bar(float(a), float(b), float(h), tip=f"{share(a)} to {share(b)}: {share(h)} of the test proteins")
        for a, b, h in zip(edges, edges[1:], shares, strict=False)
        if h > 0
    ]
    x = Axis("identity to the nearest training protein", low=0, high=1, form=share)
    return Plane(x, Axis("share of test proteins", low=0, high=top, form=share), bars, 170, title)


def _row(row: Mapping[str, Any], splits: Sequence[str], colour: str) -> Row:
    found = [(i, SPLITS.get(s, s), row["scores"][s]) for i, s in enumerate(splits) if row["scores"].get(s)]
    marks = [
        Estimate(
            v["calibrated"],
            v["calibrated_low"],
            v["calibrated_high"],
            SHAPES[i % len(SHAPES)],
            colour,
            i,
            f"{row['label']}, {split}: {fixed(v['calibrated'])} {interval(v['calibrated_low'], v['calibrated_high'])}",
        )
        for i, split, v in found
    ]
    drop = f"{fixed(row['difference'])} {interval(row['low'], row['high'])}" if row["difference"] is not None else ""
    return Row(Name(row["label"]), marks, drop, row["gdm"])
