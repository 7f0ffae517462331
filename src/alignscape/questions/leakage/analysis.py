"""What test proteins have in common with training proteins, and what it does to the scores."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...report.labels import SPLITS
from ...statistics.means import difference_between
from ..evidence.evidence import Evidence
from ..evidence.score_table import SCORES, ScoreTable, label
from ..evidence.tables import Result, Row, not_testable, result
from .composition import composition, other_proteins

COLUMNS = ("split", "id", "nearest", "identity", "any_length", "same_text", "same_name_organism")
METHOD = (
    "For every test protein: the sequence identity of its nearest training protein (as found by the search that makes "
    "the clusters, over as much of the shorter sequence as these ask for, and over any length; 0 where it finds "
    "none), and how many training proteins have the same text but for the protein's id, or the same cleaned name and "
    "organism of a chain. Scores under the two splits are compared on the proteins that both test, paired, if these "
    "are half of what either tests, and else as if unrelated; with errors over sequence clusters and seeds; their "
    "difference is of the calibrated score. Holding relatives out keeps those of tested proteins away from the heads, "
    "from the encoders trained here, and from the weights and texts that alignscape ships; what published weights and "
    "language models have seen is not known."
)
LEVELS = (30, 50, 90, 100)  # per cent identity


def leakage_rows(evidence: Evidence, split: str) -> list[Row]:
    """A row a test protein of one split."""
    training, nearest = evidence.training[split], evidence.nearest.get(split, {})
    any_length = evidence.any_length.get(split, {})
    same_text, same_name = training.counts(evidence.text_keys), training.counts(evidence.categories)
    rows = []
    for i in training.tested:
        who, identity = nearest.get(i, (None, None))
        counts = {"same_text": _most(same_text[i]), "same_name_organism": _most(same_name[i])}
        near = {"nearest": who, "identity": identity, "any_length": any_length.get(i)}
        rows.append({"split": split, "id": i} | near | counts)
    return rows


def _most(counts: Mapping[str, int]) -> int | None:
    """The largest count over a protein's keys; None if it has no key, so that nothing could be counted."""
    return max(counts.values(), default=None)


def summarise(rows: list[Row], split: str) -> Row:
    """Shares of one split's test proteins."""
    known = np.array([r["identity"] for r in rows if r["identity"] is not None], dtype=float)
    # Identities are fractions such as 0.9 that a search may print as 0.900: the slack only absorbs rounding.
    shares = {f"share_{level}": np.mean(known >= level / 100 - 1e-9) if len(known) else None for level in LEVELS}
    somehow = np.array([r["any_length"] for r in rows if r["any_length"] is not None], dtype=float)
    shares["any_length_30"] = np.mean(somehow >= 0.3 - 1e-9) if len(somehow) else None
    same = {name: np.mean([bool(r[name]) for r in rows]) for name in ("same_text", "same_name_organism")}
    median = np.median(known) if len(known) else None
    return {"split": split, "n": len(rows), "n_known": len(known), "median": median} | shares | same


def side_by_side(evidence: Evidence) -> list[Row]:
    """Each main pair's score under every split, and headline minus cluster split."""
    tables = {split: evidence.main_table(split) for split in evidence.splits}
    tables = {split: t for split, t in tables.items() if t.results and t.n}
    scores = {split: dict(zip(t.labels, t.summaries(), strict=True)) for split, t in tables.items()}
    cluster = next((s for s in evidence.splits if "cluster" in s), None)
    rows = []
    for r in evidence.select():
        name = label(r)
        own = {s: {k: scores[s][name][k] for k in (*SCORES, "n")} for s in scores if name in scores[s]}
        row: Row = {"label": name, "gdm": r.structure_encoder, "llm": r.language_model, "scores": own}
        row |= dict.fromkeys(("difference", "low", "high", "n_common"))
        if cluster and cluster != evidence.headline and {cluster, evidence.headline} <= own.keys():
            row |= _difference(tables[evidence.headline], tables[cluster], name)
        rows.append(row)
    return rows


def _difference(a: ScoreTable, b: ScoreTable, name: str) -> Row:
    """Calibrated score of one pair under a's split minus that under b's, on the same proteins where enough are."""
    common = sorted({*a.ids} & {*b.ids})
    paired = len(common) >= max(2, min(a.n, b.n) / 2)
    if paired:
        a, b = a.only(common), b.only(common)
    one, other = (t.means("calibrated").only(t.labels.index(name)) for t in (a, b))
    found = difference_between(one, other, paired=paired)
    (low,), (high,) = found.ends()
    return {"difference": found.value[0], "low": low, "high": high, "n_common": len(common) if paired else 0}


def run(evidence: Evidence) -> Result:
    """What leaks in every split, and all headline scores side by side (docs/outputs.md)."""
    splits = [s for s in evidence.splits if s in evidence.training]
    rows = [row for split in splits for row in leakage_rows(evidence, split)]
    if not rows:
        why = "no split tests a protein"
        empty: dict[str, list] = {"summary": [], "side_by_side": [], "composition": []}
        return not_testable("leakage", why, columns=COLUMNS, method=METHOD, **empty)
    summary = [summarise([r for r in rows if r["split"] == split], split) for split in splits]
    for row in summary:
        row["seen"] = sum(id_ in evidence.relatives for id_ in evidence.training[row["split"]].tested)
    tested = composition(evidence)
    more: dict[str, Any] = {"summary": summary, "side_by_side": side_by_side(evidence), "composition": tested}
    answer = " ".join(filter(None, [_answer(summary), other_proteins(tested)]))
    return result("leakage", rows, columns=COLUMNS, answer=answer, method=METHOD, **more)


def _answer(summary: list[Row]) -> str:
    said = []
    for s in summary:
        near = "an unknown share" if s["share_30"] is None else f"{s['share_30']:.0%}"
        said.append(
            f"With {SPLITS.get(s['split'], s['split'])}, {near} of {s['n']} test proteins have a training protein of at least 30 % "
            "identity, "
            f"{s['same_text']:.0%} one of the same text."
        )
        if s["seen"]:
            said.append(
                f"{s['seen']} of them are relatives of what weights or texts that alignscape ships were learned from."
            )
    return " ".join(said)
