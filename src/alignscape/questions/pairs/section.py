"""RQ1: the score of every pair, trained and untrained, under every split."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ...report.charts.tracks import Mark, Row, key, tracks
from ...report.labels import SPLITS, pair_label
from ...report.markup import join
from ...report.numbers import count, estimate, fixed, probability, share
from ...report.palette import gdm_colours
from ...report.results import StudyResults
from ...report.section import Column, Section, Table, figure, legend
from .table_one import table_one

COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Heads", lambda r: r["state"], numeric=False),
    Column("Split", lambda r: SPLITS.get(r["split"], r["split"]), numeric=False),
    Column("Score [95 %]", lambda r: estimate(r, "score", prefix=""), hint="mean S_ii minus mean |S_ij|"),
    Column("Calibrated [95 %]", lambda r: estimate(r, "calibrated"), hint="mean S_ii minus mean S_ij; 0 at chance"),
    Column("SD", lambda r: fixed(r["sd"]), hint="over seeds, or over draws of untrained heads"),
    Column("Matching", lambda r: fixed(r["pos"]), hint="mean cosine of a protein with its own text"),
    Column("Other, |·|", lambda r: fixed(r["neg"]), hint="mean absolute cosine with other proteins' texts"),
    Column("Other, signed", lambda r: fixed(r["neg_signed"])),
    Column("Chance", lambda r: fixed(r["null_mean"]), hint="score when texts are exchanged between proteins"),
    Column("z", lambda r: fixed(r["z"], 1)),
    Column("p", lambda r: probability(r["p"])),
    Column("R@1", lambda r: share(r["recall_text_1"]), hint="own text found first by the structure"),
    Column("R@10 %", lambda r: share(r["recall_text_tenth"]), hint="own text in the best tenth of the test texts"),
    Column("R@10 %, chance", lambda r: share(r["chance_recall_tenth"])),
    Column("MRR [95 %]", lambda r: estimate(r, "mrr_text")),
    Column("Eff. rank", lambda r: f"{fixed(r['effective_rank_structure'], 0)} / {fixed(r['effective_rank_text'], 0)}"),
    Column("Weights", lambda r: r["gdm_weights"], numeric=False),
    Column("Proteins", lambda r: count(r["n"])),
    Column("Clusters", lambda r: count(r.get("clusters")), hint="sequence clusters: the units of the interval"),
)


def section(results: StudyResults) -> Section:
    """Table 1 and Fig. 2 of the paper, with intervals, chance and a second split."""
    question = results.questions["pairs"]
    rows, splits = question["rows"], question["splits"]
    shown = [r for r in rows if {r["gdm_role"], r["llm_role"]} <= {"main", "baseline"}] or rows
    order = _by_encoder(shown)
    colours = gdm_colours(rows)
    table = table_one(shown, splits[0], colours, split_name=SPLITS.get(splits[0], splits[0]))
    body = join(table, _scores(order, splits, colours), _parts(order, splits[0], colours))
    return Section(
        id="pairs",
        kicker="RQ 1",
        title="How well does each pair align, and is it more than chance?",
        menu="Pairs",
        answer=question["answer"],
        body=body,
        tables=[Table("pairs", "Every pair, state and split", rows, COLUMNS)],
        method=question.get("method", ""),
        open_question=bool(question.get("not_testable")),
    )


Grouped = dict[tuple[str, str], dict[tuple[str, str], Mapping[str, Any]]]


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


def _scores(order: Grouped, splits: Sequence[str], colours: Mapping[str, str]) -> Markup:
    seen: set[str] = set()
    rows = []
    for (gdm, llm), found in order.items():
        rows.append(_score_row(gdm, llm, found, splits, colours[gdm], starts=gdm not in seen))
        seen.add(gdm)
    shapes = ["dot", "diamond", "diamond", "diamond"]
    keys = [(key(s), f"trained, {SPLITS.get(n, n)}") for s, n in zip(shapes, splits, strict=False)]
    keys += [
        (key("ring", "var(--muted)"), "untrained heads"),
        (key("tick", "var(--muted)"), "chance (texts exchanged)"),
    ]
    caption = (
        "Score = mean cosine of a protein with its own text − mean absolute cosine with other texts. Lines are 95 % "
        "intervals over proteins and seeds; for untrained heads over proteins and draws. One colour per encoder."
    )
    chart = tracks(rows, axis="alignment score")
    return figure(chart, caption=caption, legend=legend(*keys), title="Trained against untrained")


def _score_row(gdm: str, llm: str, found: Mapping, splits: Sequence[str], colour: str, *, starts: bool) -> Row:
    marks = []
    for lane, split in enumerate(splits):
        trained, untrained = found.get((split, "trained")), found.get((split, "untrained"))
        if untrained:
            marks.append(_mark(untrained, "ring", "var(--muted)", lane, f"untrained, {SPLITS.get(split, split)}"))
        if trained:
            if trained["null_mean"] is not None:
                marks.append(Mark(trained["null_mean"], shape="tick", colour="var(--muted)", lane=lane))
            shape = "dot" if lane == 0 else "diamond"
            marks.append(_mark(trained, shape, colour, lane, f"trained, {SPLITS.get(split, split)}"))
    first = found.get((splits[0], "trained"))
    name = pair_label({"gdm": gdm, "llm": llm}, colour=colour)
    return Row(name, marks, estimate(first, "score", prefix="") if first else "", starts_group=starts)


def _mark(row: Mapping[str, Any], shape: str, colour: str, lane: int, what: str) -> Mark:
    extra = f", z = {fixed(row['z'], 1)}" if row["z"] is not None else ""
    tip = f"{row['label']}, {what}: {estimate(row, 'score', prefix='')}{extra}"
    return Mark(row["score"], row["low"], row["high"], shape, colour, lane, tip)


def _parts(order: Grouped, split: str, colours: Mapping[str, str]) -> Markup:
    rows, seen = [], set()
    for (gdm, _), found in order.items():
        if not (row := found.get((split, "trained"))):
            continue
        tip = f"{row['label']}: matching {fixed(row['pos'])}, other {fixed(row['neg'])}, other signed {fixed(row['neg_signed'])}"
        marks = [
            Mark(row["neg"], row["neg"], row["pos"], "ring", colours[gdm]),
            Mark(row["pos"], shape="dot", colour=colours[gdm], tip=tip),
        ]
        text = f"{fixed(row['pos'], 2)} − {fixed(row['neg'], 2)}"
        rows.append(Row(pair_label(row), marks, text, starts_group=gdm not in seen))
        seen.add(gdm)
    keys = legend((key("dot"), "matching: mean S_ii"), (key("ring"), "other: mean |S_ij|"))
    caption = "The two parts of the score; the line between them is the score itself (paper, Fig. 2)."
    return figure(
        tracks(rows, axis="cosine similarity"), caption=caption, legend=keys, title="What the score is made of"
    )
