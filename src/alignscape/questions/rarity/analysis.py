"""RQ3: whether proteins of a popular kind are aligned better than rare ones."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ...proteins.ids import entry_of
from ...proteins.sources.id_lists import read_ids
from ...report.numbers import plural
from ...statistics.association import Spearman, spearman
from ...statistics.auc import Auc, auc
from ...statistics.bootstrap import holm
from ...statistics.clusters import Floats
from ..evidence.evidence import Evidence
from ..evidence.score_table import ScoreTable
from ..evidence.tables import Result, Row, not_testable, result
from .sampling import before_and_after, sampling_sentence

_AUC = ("auc", "auc_low", "auc_high", "auc_p", "n_popular", "n_rare")
_GROUPS = ("popular", "rare", "given_popular", "given_rare")
_CORRECTED = ("p", "auc_p", "given_auc_p", "identity_p")
_GIVEN = ("given_auc", "given_auc_low", "given_auc_high", "given_auc_p", "n_given_popular", "n_given_rare")
COLUMNS = (
    "label", "gdm", "llm", "spearman", "spearman_low", "spearman_high", "p", *_AUC, *_GIVEN,
    "identity_spearman", "identity_low", "identity_high", "identity_p", *(f"{p}_corrected" for p in _CORRECTED), "n",
)  # fmt: skip
METHOD = (
    "A protein's category is the cleaned name and organism of its polypeptide chains; its count is the number of "
    "training proteins with one of them (the most frequent). Spearman's rho of its match (S_ii, mean over seeds) with log(1 + "
    "count); AUC of popular over rare, with DeLong's interval over sequence clusters in the place of proteins "
    "(popular proteins may be many and their families few); rho with the sequence identity to the nearest training "
    "protein (0 where the search finds none). Each p is corrected (Holm) over the pairs. Where heads were also "
    "trained on each sequence cluster as often as another (`sampling: by_cluster`): the mean calibrated score of the "
    "popular less that of the rare, with both kinds."
)
FEWEST = 10  # proteins in each group: with fewer the interval covers too little
_PERCENTILE = 90


def category_counts(evidence: Evidence, split: str) -> dict[str, int | None]:
    """For each test protein the number of training proteins of its most frequent category; None if it has no name."""
    counted = evidence.training[split].counts(evidence.categories)
    return {i: max(counts.values(), default=None) for i, counts in counted.items()}


def groups(counts: dict[str, int | None]) -> tuple[list[str], list[str], int]:
    """Ids of the popular and of the rare, and the count from which a protein is popular.

    Popular is who reaches the 90th percentile of the counts (at least 2), rare whose category no training protein has.
    """
    known = [c for c in counts.values() if c is not None]
    bound = max(2, int(np.ceil(np.percentile(known, _PERCENTILE)))) if known else 2
    popular = sorted(i for i, c in counts.items() if c is not None and c >= bound)
    return popular, sorted(i for i, c in counts.items() if c == 0), bound


def given_ids(source: Path | list[str] | None, tested: Iterable[str]) -> list[str]:
    """The tested ids of a list, or of a text file with one a line; an entry's id stands for all its chains.

    Raises UserError for an unreadable file.
    """
    named = set(read_ids(source or [], key="analysis.popular_ids, rare_ids"))
    return sorted(id_ for id_ in tested if id_ in named or entry_of(id_) in named)


def scores_of(table: ScoreTable, ids: list[str]) -> Floats:
    """S_ii (p, k) of some of the table's proteins."""
    return table.matched[:, np.searchsorted(np.asarray(table.ids), ids)] if ids else table.matched[:, :0]


def auc_of(table: ScoreTable, popular: list[str], rare: list[str]) -> Auc:
    """The AUC of popular over rare of every pair of the table."""
    places = np.searchsorted(np.asarray(table.ids), [*popular, *rare])
    return auc(scores_of(table, popular), scores_of(table, rare), table.families.take(places))


def _auc_rows(table: ScoreTable, popular: list[str], rare: list[str], names: tuple[str, ...]) -> list[Row]:
    """The six columns `names` for each pair; nulls but for the sizes if a group is too small."""
    sizes = dict(zip(names[4:], (len(popular), len(rare)), strict=True))
    if min(len(popular), len(rare)) < FEWEST:
        return [dict.fromkeys(names) | sizes for _ in table.results]
    found = auc_of(table, popular, rare)
    return [
        dict(zip(names, numbers, strict=False)) | sizes for numbers in zip(*found.estimate(), found.p(), strict=True)
    ]


def _rank_correlation(x: dict[str, float], table: ScoreTable, evidence: Evidence, question: str) -> Spearman | None:
    """Spearman's rho on the proteins that have an x; None if they are too few or all alike."""
    ids = [i for i in table.ids if i in x]
    values = np.array([x[i] for i in ids], dtype=float)
    families = evidence.families(ids)
    if evidence.too_few(families) or not values.std():
        return None
    generator = evidence.generator(question)
    return spearman(values, scores_of(table, ids), families, draws=evidence.bootstrap, generator=generator)


def _spearman_rows(found: Spearman | None, table: ScoreTable, names: tuple[str, str, str, str]) -> list[Row]:
    if found is None:
        return [dict.fromkeys(names) for _ in table.results]
    return [dict(zip(names, numbers, strict=True)) for numbers in zip(*found.rho, found.p, strict=True)]


def identities(evidence: Evidence) -> dict[str, float]:
    """Identity to the nearest training protein of the headline split's test proteins, where it is known."""
    nearest = evidence.nearest.get(evidence.headline, {})
    return {i: identity for i, (_, identity) in nearest.items() if identity is not None}


def run(evidence: Evidence) -> Result:
    """Counts, groups, given lists and identity against the scores of the main pairs (docs/outputs.md)."""
    table = evidence.main_table()
    known = evidence.headline in evidence.training
    if why := evidence.too_few(table.families) if known else "the split's training part is unknown":
        empty: dict[str, Any] = {key: [] for key in _GROUPS} | {"popular_rule": "", "rare_rule": "", "sampling": []}
        return not_testable("rarity", why, columns=COLUMNS, method=METHOD, **empty)
    counts = {i: c for i, c in category_counts(evidence, evidence.headline).items() if i in set(table.ids)}
    popular, rare, bound = groups(counts)
    wanted = evidence.analysis
    given = [given_ids(ids, table.ids) for ids in (wanted.popular_ids, wanted.rare_ids)]
    lists = dict(zip(_GROUPS, (popular, rare, *given), strict=True))
    rows = _rows(evidence, table, counts, lists)
    rules = {
        "popular_rule": f"At least {bound} training proteins have its name and organism (the {_PERCENTILE}th "
        "percentile, and no less than 2).",
        "rare_rule": "No training protein has its name and organism.",
    }
    resampled = before_and_after(evidence, popular, rare) if min(len(popular), len(rare)) >= FEWEST else []
    answer = " ".join(filter(None, [_answer(rows), sampling_sentence(resampled)]))
    more: dict[str, Any] = lists | rules | {"sampling": resampled}
    return result("rarity", rows, columns=COLUMNS, answer=answer, method=METHOD, **more)


def _rows(
    evidence: Evidence, table: ScoreTable, counts: dict[str, int | None], lists: dict[str, list[str]]
) -> list[Row]:
    """One row per pair: rank correlations with count and identity, and the groups and given lists compared."""
    logs = {i: float(np.log1p(c)) for i, c in counts.items() if c is not None}
    count = _rank_correlation(logs, table, evidence, "rarity count")
    identity = _rank_correlation(identities(evidence), table, evidence, "rarity identity")
    parts = [
        _spearman_rows(count, table, ("spearman", "spearman_low", "spearman_high", "p")),
        _auc_rows(table, lists["popular"], lists["rare"], _AUC),
        _auc_rows(table, lists["given_popular"], lists["given_rare"], _GIVEN),
        _spearman_rows(identity, table, ("identity_spearman", "identity_low", "identity_high", "identity_p")),
    ]
    rows = [
        {"label": name, "gdm": r.structure_encoder, "llm": r.language_model, "n": table.n} | a | b | c | d
        for name, r, a, b, c, d in zip(table.labels, table.results, *parts, strict=True)
    ]
    _correct(rows)
    return rows


def _correct(rows: list[Row]) -> None:
    """Adds the corrected value of each p, over the pairs; null where p is."""
    for name in _CORRECTED:
        known = [r for r in rows if r[name] is not None and np.isfinite(r[name])]
        corrected = holm([r[name] for r in known])
        for row in rows:
            row[f"{name}_corrected"] = None
        for row, value in zip(known, corrected, strict=True):
            row[f"{name}_corrected"] = value


def _answer(rows: list[Row]) -> str:
    """What the ranks show first; the two groups may be too small to say anything."""
    told = (
        _goes_with(rows, "spearman", "p", "how many training proteins share its name and organism"),
        _goes_with(rows, "identity_spearman", "identity_p", "its identity to the nearest training protein"),
        _groups_answer(rows),
    )
    return " ".join(filter(None, told))


def _goes_with(rows: list[Row], x: str, p: str, words: str) -> str:
    """In how many pairs the match rises or falls with something; "" where nothing is known of it."""
    known = [r for r in rows if r[x] is not None and np.isfinite(r[x])]
    if not known:
        return ""
    beyond = [r[x] for r in known if r[f"{p}_corrected"] < 0.05]
    up, down = (sum(sign * value > 0 for value in beyond) for sign in (1, -1))
    low, high = (end(r[x] for r in known) for end in (min, max))
    between = f"{low:.2f}" if len(known) == 1 else f"{low:.2f} to {high:.2f}"
    falls = f" and falls in {down}" if down else ""
    return f"A protein's match rises with {words} beyond chance in {up} of {plural(len(known), 'pair')}{falls} (rho {between})."


def _groups_answer(rows: list[Row]) -> str:
    if rows[0]["auc"] is None:
        sizes = f"{rows[0]['n_popular']} popular and {rows[0]['n_rare']} rare proteins were tested"
        return f"As two groups, popular and rare cannot be compared: {sizes}, {FEWEST} of each are needed."
    above = sum(r["auc_low"] > 0.5 and r["auc_p_corrected"] < 0.05 for r in rows)
    values = [r["auc"] for r in rows]
    between = f"{values[0]:.0%}" if len(values) == 1 else f"{min(values):.0%} to {max(values):.0%}"
    return (
        f"Popular proteins match better than rare ones beyond chance in {above} of {plural(len(rows), 'pair')}; a popular "
        f"protein has the better match in {between} of the cases."
    )
