"""RQ3: do proteins that are well known align better?"""

from typing import Any

from markupsafe import Markup

from ...report.charts.tracks import Mark, Row, key, tracks
from ...report.labels import pair_label
from ...report.markup import join, protein_link, tag
from ...report.numbers import count, estimate, plural, probability
from ...report.palette import gdm_colours
from ...report.results import StudyResults
from ...report.section import Column, Section, Table, figure, legend, paragraphs

MOST_IDS = 24
COLUMNS = (
    Column("Pair", lambda r: r["label"], numeric=False),
    Column("Spearman [95 %]", lambda r: estimate(r, "spearman", 2), hint="score against log(1 + training entries)"),
    Column("p, corrected", lambda r: probability(r["p_corrected"])),
    Column("AUC, popular above rare", lambda r: estimate(r, "auc", 2)),
    Column("p, corrected", lambda r: probability(r["auc_p_corrected"])),
    Column("AUC, given lists", lambda r: estimate(r, "given_auc", 2)),
    Column("Spearman, identity", lambda r: _identity(r), hint="score against identity to the nearest training protein"),
    Column("Popular / rare", lambda r: f"{count(r['n_popular'])} / {count(r['n_rare'])}"),
)


def _identity(row: dict[str, Any]) -> str:
    low_high = {"identity_spearman_low": row["identity_low"], "identity_spearman_high": row["identity_high"]}
    return estimate(dict(row) | low_high, "identity_spearman", 2)


def section(results: StudyResults) -> Section:
    """Fig. 4b: popular against rare, and the same against similarity to the training proteins."""
    question = results.questions["rarity"]
    testable = not question.get("not_testable")
    return Section(
        id="rarity",
        kicker="RQ 3",
        title="Do well-known proteins align better than rare ones?",
        menu="Rarity",
        answer=question["answer"],
        body=_body(question, gdm_colours(results.rows("pairs"))) if testable else None,
        tables=[Table("rarity", "Popular and rare, by pair", question["rows"], COLUMNS)] if testable else [],
        method=question.get("method", ""),
        open_question=not testable,
    )


def _body(question: dict[str, Any], colours: dict[str, str]) -> Markup:
    rows = question["rows"]
    marked = [
        Row(
            pair_label(r),
            [
                Mark(r["spearman"], r["spearman_low"], r["spearman_high"], "dot", colours[r["gdm"]], 0),
                Mark(r["identity_spearman"], r["identity_low"], r["identity_high"], "diamond", colours[r["gdm"]], 1),
            ],
            estimate(r, "spearman", 2),
            starts_group=i > 0 and r["gdm"] != rows[i - 1]["gdm"],
        )
        for i, r in enumerate(rows)
    ]
    keys = legend(
        (key("dot"), "against log(1 + training entries of the same name and organism)"),
        (key("diamond"), "against identity to the nearest training protein"),
    )
    caption = (
        "Spearman's correlation of the score with two measures of how well the training set knows a protein, with 95 % "
        "intervals. Above 0: known proteins score higher."
    )
    chart = figure(tracks(marked, axis="Spearman's correlation"), caption=caption, legend=keys)
    rules = paragraphs(question.get("popular_rule"), question.get("rare_rule"))
    lists = [_ids(n, question.get(k) or []) for n, k in (("Popular", "popular"), ("Rare", "rare"))]
    given = [_ids(f"Given as {k}", question.get(f"given_{k}") or []) for k in ("popular", "rare")]
    return join(chart, rules, *lists, *given)


def _ids(title: str, ids: list[str]) -> Markup | None:
    if not ids:
        return None
    links = [protein_link(i) for i in ids[:MOST_IDS]]
    more = f" and {plural(len(ids) - MOST_IDS, 'more', 'more')}" if len(ids) > MOST_IDS else ""
    return tag("p", tag("strong", f"{title}: "), Markup(", ").join(links), more, cls="ids")
