"""RQ1: the score of every pair, trained and untrained, under every split."""

from collections.abc import Mapping
from typing import Any

from ...report.labels import SPLITS, STATES
from ...report.numbers import count, estimate, fixed, probability, share
from ...report.palette import gdm_colours
from ...report.results import StudyResults
from ...report.section import PAIRS, Column, Section, Table, answered
from ...report.weights import said_of
from .figures import shown
from .table_one import table_one

COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Heads", lambda r: STATES.get(r["state"], r["state"]), numeric=False),
    Column("Split", lambda r: SPLITS.get(r["split"], r["split"]), numeric=False),
    Column("Score [95 %]", lambda r: estimate(r, "score", prefix=""), hint="mean S_ii minus mean |S_ij|"),
    Column("Calibrated [95 %]", lambda r: estimate(r, "calibrated"), hint="mean S_ii minus mean S_ij; 0 at chance"),
    Column("SD", lambda r: fixed(r["sd"]), hint="over seeds, or over draws of heads before training", paper=False),
    Column("Matching", lambda r: fixed(r["pos"]), hint="mean cosine of a protein with its own text", paper=False),
    Column(
        "Other, |·|", lambda r: fixed(r["neg"]), hint="mean absolute cosine with other proteins' texts", paper=False
    ),
    Column("Other, signed", lambda r: fixed(r["neg_signed"]), paper=False),
    Column("Chance", lambda r: fixed(r["null_mean"]), hint="score when texts are exchanged between proteins"),
    Column("z", lambda r: fixed(r["z"], 1), paper=False),
    Column("p", lambda r: probability(r["p"])),
    Column("R@1", lambda r: share(r["recall_text_1"]), hint="own text found first by the structure"),
    Column(
        "R@10 %",
        lambda r: share(r["recall_text_tenth"]),
        hint="own text in the best tenth of the test texts",
        paper=False,
    ),
    Column("R@10 %, chance", lambda r: share(r["chance_recall_tenth"]), paper=False),
    Column("MRR [95 %]", lambda r: estimate(r, "mrr_text"), paper=False),
    Column(
        "Eff. rank",
        lambda r: f"{fixed(r['effective_rank_structure'], 0)} / {fixed(r['effective_rank_text'], 0)}",
        paper=False,
    ),
    Column(
        "Converged",
        lambda r: _converged(r),
        numeric=False,
        hint="no: most heads were best in the last 5 % of the epochs",
        paper=False,
    ),
    Column("Weights", lambda r: said_of(r["gdm_weights"] or "none"), numeric=False),
    Column("Proteins", lambda r: count(r["n"])),
    Column(
        "Clusters", lambda r: count(r.get("clusters")), hint="sequence clusters: the units of the interval", paper=False
    ),
)


def _converged(row: Mapping[str, Any]) -> str:
    found = row.get("not_converged")
    return "" if found is None else "no" if found else "yes"


def section(results: StudyResults) -> Section:
    """Table 1 of the paper, with intervals, chance and a second split."""
    question = results.questions["pairs"]
    rows, first = question["rows"], question["splits"][0]
    table = table_one(shown(rows), first, gdm_colours(rows), split_name=SPLITS.get(first, first))
    return answered(
        question,
        id="pairs",
        kicker="RQ 1",
        title="How well does each pair align, and is it more than chance?",
        menu="Pairs",
        part=PAIRS,
        lead=table,
        lead_first=True,
        folded=True,
        more="Show scores after and before training, what the score is made of, and every pair",
        tables=[Table("pairs", "Every pair, state and split", rows, COLUMNS)],
    )
