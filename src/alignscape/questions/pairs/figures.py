"""Every pair's score, and what it is made of."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...report.figures.axis import Axis
from ...report.figures.basis import basis
from ...report.figures.figure import Figure, Key, Name, Row, Rows
from ...report.figures.marks import Estimate
from ...report.labels import SPLITS
from ...report.leading import of_leading_pairs
from ...report.numbers import estimate, fixed
from ...report.palette import MUTED, gdm_colours
from ...report.results import StudyResults

SHAPES = ("dot", "diamond", "square", "triangle")  # of the splits in order
Grouped = dict[tuple[str, str], dict[tuple[str, str], Mapping[str, Any]]]


@of_leading_pairs
def pairs(results: StudyResults) -> Figure:
    """Fig. 2: trained and untrained heads by split, and chance."""
    question, colours = results.questions["pairs"], gdm_colours(results.rows("pairs"))
    splits = question["splits"]
    rows = [
        Row(Name(f"{gdm} × {llm}", colours[gdm]), _marks(found, splits, colours[gdm]), _score(found, splits), gdm)
        for (gdm, llm), found in _by_encoder(shown(question["rows"])).items()
    ]
    legend = [Key(f"trained, {SPLITS.get(s, s)}", shape) for s, shape in zip(splits, SHAPES, strict=False)]
    legend += [Key("before training", "ring", MUTED), Key("chance (texts exchanged)", "tick", MUTED)]
    axis = Axis("alignment score", reference=0.0, holds=[0.0])
    panel = Rows(rows, axis, value=f"{SPLITS.get(splits[0], splits[0])} [95 %]")
    return Figure("pairs", "After and before training", [panel], legend, subtitle=basis(results, split=False))


@of_leading_pairs
def pairs_parts(results: StudyResults) -> Figure:
    """The cosines with the own text and with other texts."""
    question, colours = results.questions["pairs"], gdm_colours(results.rows("pairs"))
    found = {k: v.get((question["splits"][0], "trained")) for k, v in _by_encoder(shown(question["rows"])).items()}
    rows = [_parts(row, colours[gdm]) for (gdm, _), row in found.items() if row]
    legend = [Key("matching: mean S_ii", "dot"), Key("other: mean |S_ij|", "ring")]
    panel = Rows(rows, Axis("cosine similarity", reference=0.0, holds=[0.0]), value="matching − other")
    return Figure("pairs_parts", "What the score is made of", [panel], legend, subtitle=basis(results))


def shown(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The rows of main encoders and baselines; all where there are none of these."""
    return [r for r in rows if {r["gdm_role"], r["llm_role"]} <= {"main", "baseline"}] or rows


def _by_encoder(rows: Sequence[Mapping[str, Any]]) -> Grouped:
    """(gdm, llm) -> (split, state) -> row; pairs of one GDM side by side, baselines last."""
    ordered = sorted(rows, key=lambda r: (r["gdm_role"] != "main") + (r["llm_role"] != "main"))
    gdms = dict.fromkeys(r["gdm"] for r in ordered)
    grouped: Grouped = {}
    for gdm in gdms:
        for row in ordered:
            if row["gdm"] == gdm:
                grouped.setdefault((gdm, row["llm"]), {})[row["split"], row["state"]] = row
    return grouped


def _score(found: Mapping, splits: Sequence[str]) -> str:
    first = found.get((splits[0], "trained"))
    return estimate(first, "score", prefix="") if first else ""


def _marks(found: Mapping, splits: Sequence[str], colour: str) -> list[Estimate]:
    marks = []
    for lane, split in enumerate(splits):
        trained, untrained = found.get((split, "trained")), found.get((split, "untrained"))
        what = SPLITS.get(split, split)
        if untrained:
            marks.append(_mark(untrained, "ring", MUTED, lane, f"before training, {what}"))
        if trained:
            if trained["null_mean"] is not None:
                marks.append(Estimate(trained["null_mean"], shape="tick", colour=MUTED, lane=lane))
            marks.append(_mark(trained, SHAPES[lane % len(SHAPES)], colour, lane, f"trained, {what}"))
    return marks


def _mark(row: Mapping[str, Any], shape: str, colour: str, lane: int, what: str) -> Estimate:
    extra = f", z = {fixed(row['z'], 1)}" if row["z"] is not None else ""
    tip = f"{row['label']}, {what}: {estimate(row, 'score', prefix='')}{extra}"
    return Estimate(row["score"], row["low"], row["high"], shape, colour, lane, tip)


def _parts(row: Mapping[str, Any], colour: str) -> Row:
    values = f"matching {fixed(row['pos'])}, other {fixed(row['neg'])}, other signed {fixed(row['neg_signed'])}"
    marks = [
        Estimate(row["neg"], row["neg"], row["pos"], "ring", colour),
        Estimate(row["pos"], colour=colour, tip=f"{row['label']}: {values}"),
    ]
    return Row(Name(row["label"]), marks, f"{fixed(row['pos'])} − {fixed(row['neg'])}", row["gdm"])
