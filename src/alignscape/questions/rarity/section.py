"""RQ3: do proteins that are well known align better?"""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from ...report.markup import join, protein_link, tag
from ...report.numbers import count, estimate, plural, probability
from ...report.results import StudyResults
from ...report.section import PROTEINS, Column, Section, Table, answered, paragraphs

MOST_IDS = 24
_RULES = (("A popular protein", "popular_rule"), ("A rare protein", "rare_rule"))
COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Spearman [95 %]", lambda r: estimate(r, "spearman", 2), hint="match against log(1 + training entries)"),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
    Column("AUC, popular above rare", lambda r: estimate(r, "auc", 2)),
    Column("p, corrected", lambda r: probability(r["auc_p_corrected"])),
    Column("AUC, given lists", lambda r: estimate(r, "given_auc", 2)),
    Column("Spearman, identity", lambda r: _identity(r), hint="match against identity to the nearest training protein"),
    Column("Popular / rare", lambda r: f"{count(r['n_popular'])} / {count(r['n_rare'])}"),
)
SAMPLING = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column(
        "Each protein as often [95 %]",
        lambda r: estimate(r, "before"),
        hint="mean calibrated score of popular less that of rare",
    ),
    Column(
        "Each family as often [95 %]", lambda r: estimate(r, "after"), hint="heads trained with sampling: by_cluster"
    ),
    Column("Change [95 %]", lambda r: estimate(r, "difference", prefix="")),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
)


def _identity(row: Mapping[str, Any]) -> str:
    low_high = {"identity_spearman_low": row["identity_low"], "identity_spearman_high": row["identity_high"]}
    return estimate(dict(row) | low_high, "identity_spearman", 2)


def section(results: StudyResults) -> Section:
    """Popular against rare, and the same against similarity to the training proteins."""
    question = results.questions["rarity"]
    return answered(
        question,
        id="rarity",
        kicker="RQ 3",
        title="Do well-known proteins align better than rare ones?",
        menu="Rarity",
        part=PROTEINS,
        body=_lists(question),
        tables=[Table("rarity", "Popular and rare, by pair", question["rows"], COLUMNS), *_sampling(question)],
    )


def _sampling(question: Mapping[str, Any]) -> list[Table]:
    rows = question.get("sampling") or []
    order = tuple(rows[0]) if rows else ()
    return (
        [Table("rarity-sampling", "Popular above rare, before and after", rows, SAMPLING, order=order)] if rows else []
    )


def _lists(question: Mapping[str, Any]) -> Markup:
    """Who was called popular and rare, and by which rule."""
    rules = paragraphs(*(f"{n}: {_lower(question[k])}" for n, k in _RULES if question.get(k)))
    lists = [_ids(n, question.get(k) or []) for n, k in (("Popular", "popular"), ("Rare", "rare"))]
    given = [_ids(f"Given as {k}", question.get(f"given_{k}") or []) for k in ("popular", "rare")]
    return join(rules, *lists, *given)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _ids(title: str, ids: list[str]) -> Markup | None:
    if not ids:
        return None
    links = [protein_link(i) for i in ids[:MOST_IDS]]
    more = f" and {plural(len(ids) - MOST_IDS, 'more', 'more')}" if len(ids) > MOST_IDS else ""
    return tag("p", tag("strong", f"{title}: "), Markup(", ").join(links), more, cls="ids")
