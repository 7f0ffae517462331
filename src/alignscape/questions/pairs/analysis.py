"""RQ1: how well every pair of encoders is aligned, with trained and with untrained heads."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...alignment.retrieval import CUTOFFS, chance_retrieval, found_within, reciprocal_ranks, retrieval
from ...report.numbers import plural
from ...statistics.bootstrap import holm
from ...statistics.clusters import Floats
from ...statistics.means import Means
from ..evidence.catalogue import Encoder
from ..evidence.evidence import Evidence, sampled
from ..evidence.null import permutation_null
from ..evidence.score_table import ScoreTable, columns, label, over_replicates
from ..evidence.tables import Result, Row, not_testable, result
from .convergence import convergence, unconverged

_WAYS = ("text", "structure")
_WITH_INTERVAL = ("recall_{}_1", "recall_{}_tenth", "mrr_{}")
_RETRIEVAL = [
    name
    for way in _WAYS
    for name in (
        *(f"recall_{way}_{k}" for k in CUTOFFS), f"mrr_{way}", f"median_rank_{way}", f"recall_{way}_tenth",
        *(f"{kind.format(way)}_{end}" for kind in _WITH_INTERVAL for end in ("low", "high")),
    )
]  # fmt: skip
COLUMNS = (
    "label", "gdm", "llm", "gdm_kind", "gdm_role", "llm_role", "variant", "state", "split", "score", "sd", "low",
    "high", "calibrated", "calibrated_low", "calibrated_high", "calibrated_p", "pos", "neg", "neg_signed", "null_mean", "null_sd", "z", "p", *_RETRIEVAL,
    *(f"chance_recall_{k}" for k in (*CUTOFFS, "tenth")),
    "effective_rank_structure", "effective_rank_text", "gdm_weights", "gdm_sha256", "llm_weights", "llm_sha256",
    "gdm_dimension", "llm_dimension", "n", "clusters", "n_train", "seeds",
    "late_heads", "not_converged",
)  # fmt: skip
METHOD = (
    "Score = mean of S_ii minus mean of |S_ij| over the test proteins (paper Sec. 3.1), averaged over seeds; its "
    "chance level is negative and differs from pair to pair. The calibrated score takes S_ij with its sign: at chance "
    "it is 0 for every pair, so that pairs can be ranked by it; its p is one-sided. The interval is over sequence "
    "clusters, as relatives are not independent, and seeds: it says what these heads would do on other such proteins, "
    "not what the method would after training on others. z and p compare the score with itself when texts are "
    "exchanged between proteins, whose spread is widened by what relatives do to the score's error. Rows before "
    "training average heads as initialised."
)


def retrieval_columns(table: ScoreTable, place: int, *, way: str) -> dict[str, float]:
    """Recall at 1, 5, 10 and in the best tenth of the pool, mean reciprocal rank and median rank, over all seeds.

    With intervals of recall at 1, of that in the best tenth and of the mean reciprocal rank.
    """
    ranks, tied, pool = (table.values(name)[place] for name in (f"rank_of_{way}", f"ties_of_{way}", "pool"))
    found = retrieval(ranks, tied)
    row = {f"recall_{way}_{k}": found[f"r{k}"] for k in CUTOFFS}
    row |= {f"mrr_{way}": found["mrr"], f"median_rank_{way}": found["median_rank"]}
    each = (
        found_within(ranks, tied, 1),
        found_within(ranks, tied, tenth(pool)),
        reciprocal_ranks(ranks, tied),
    )
    for kind, values in zip(_WITH_INTERVAL, each, strict=True):
        mean = Means([values], table.families).estimates()
        (low,), (high,) = (np.clip(end, 0, 1) for end in mean.ends())
        name = kind.format(way)
        row |= {name: float(mean.value[0]), f"{name}_low": low, f"{name}_high": high}
    return row


def tenth(pool: Floats) -> Floats:
    """Places in the best tenth of each pool (n,), at least one."""
    return np.maximum(1, np.round(pool / 10))


def chance_columns(pool: Floats) -> dict[str, float]:
    """Recall of guessing among pools (n,) of proteins."""
    chance = chance_retrieval(pool.astype(np.int64))
    recalls = {f"chance_recall_{k}": chance[f"r{k}"] for k in CUTOFFS}
    return recalls | {"chance_recall_tenth": float((tenth(pool) / np.maximum(pool, 1)).mean())}


def _encoder_columns(gdm: Encoder, llm: Encoder) -> Row:
    names = {"gdm_kind": gdm.kind, "gdm_role": gdm.role, "llm_role": llm.role}
    made = {
        f"{who}_{what}": value
        for who, e in (("gdm", gdm), ("llm", llm))
        for what, value in (("weights", e.weights_state), ("sha256", e.weights_sha256), ("dimension", e.dimension))
    }
    return names | made


def _trained(table: ScoreTable, clusters: Mapping[str, int]) -> list[Row]:
    """What only trained heads have, one row per pair."""
    signed, pool = table.values("negative_signed"), table.values("pool")
    rows = []
    for i, r in enumerate(table.results):
        found: dict[str, Any] = {"neg_signed": float(signed[i].mean())} | chance_columns(pool[i])
        for way in _WAYS:
            found |= retrieval_columns(table, i, way=way)
        summary = r.splits[table.split].summary
        null = permutation_null(r, table.split, clusters) | {"n_train": summary.get("n_train")}
        rank = {f"effective_rank_{who}": summary.get(f"effective_rank_{who}") for who in ("structure", "text")}
        rows.append(found | null | rank | convergence(summary))
    return rows


def _untrained(table: ScoreTable) -> list[Row]:
    both = zip(table.values("untrained_negative_signed"), table.values("pool"), strict=True)
    return [{"neg_signed": float(signed.mean())} | chance_columns(pool) for signed, pool in both]


def _state_rows(evidence: Evidence, table: ScoreTable, state: str) -> list[Row]:
    trained = state == "trained"
    means = table.means if trained else table.untrained
    paper, calibrated = columns(means("paper"), "score"), columns(means("calibrated"), "calibrated")
    above = means("calibrated").estimates().p_above()
    groups = means("paper").groups
    matched = table.values("score" if trained else "untrained_score")
    negative = table.values("negative" if trained else "untrained_negative")
    extra = _trained(table, evidence.clusters) if trained else _untrained(table)
    rows = []
    for i, r in enumerate(table.results):
        gdm, llm = evidence.catalogue.gdms[r.structure_encoder], evidence.catalogue.llms[r.language_model]
        row = dict.fromkeys(COLUMNS) | _encoder_columns(gdm, llm) | extra[i]
        row |= {"label": label(r), "gdm": gdm.name, "llm": llm.name, "variant": r.variant, "state": state}
        row |= paper[i] | calibrated[i] | {"calibrated_p": above[i]}
        row |= {"split": table.split, "sd": over_replicates(groups[i])}
        row |= {"pos": matched[i].mean(), "neg": negative[i].mean()}
        rows.append(row | {"n": table.n, "clusters": table.families.count, "seeds": len(groups[i])})
    return rows


def run(evidence: Evidence) -> Result:
    """Rows of every pair with one-layer heads, by split and state (docs/outputs.md)."""
    gdms, llms = evidence.catalogue.gdms, evidence.catalogue.llms
    results, rows = evidence.select(gdms=gdms, llms=llms), []
    for split in evidence.splits:
        table = evidence.table(results, split)
        if table.n >= 2:
            rows += _state_rows(evidence, table, "trained") + _state_rows(evidence, table, "untrained")
    more: dict[str, Any] = {"headline": evidence.headline, "splits": evidence.splits}
    if not rows:
        why = "no pair was tested on two proteins or more"
        return not_testable("pairs", why, columns=COLUMNS, method=METHOD, **more)
    return result("pairs", rows, columns=COLUMNS, answer=_answer(rows, evidence), method=METHOD, **more)


def _answer(rows: list[Row], evidence: Evidence) -> str:
    main = [r for r in rows if r["split"] == evidence.headline and r["state"] == "trained"]
    main = [r for r in main if r["gdm_role"] == r["llm_role"] == "main"]
    if not main:
        return "The study has no pair of main encoders."
    best = max(main, key=lambda r: r["calibrated"])
    above = sum(np.array(holm([r["calibrated_p"] for r in main])) < 0.05)
    said = (
        f"{above} of {plural(len(main), 'pair')} align beyond chance. {best['label']} has the highest calibrated score, "
        f"{best['calibrated']:.3f} [{best['calibrated_low']:.3f}, {best['calibrated_high']:.3f}], on {sampled(evidence.main_table().families)}."
    )
    return " ".join(filter(None, [said, unconverged(main)]))
