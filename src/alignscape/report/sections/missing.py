"""What is not there, and why."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from ...storage.ledger import NOT_READ
from ..markup import join, protein_link, tag
from ..numbers import count, listing, plural
from ..prose import prose
from ..results import StudyResults
from ..section import TRUST, Column, Section, Table

COUNTS = (
    Column("Stage", lambda r: r["stage"], numeric=False),
    Column("Encoders", lambda r: r["encoders"] or "all", numeric=False),
    Column("Reason", lambda r: r["reason"], numeric=False),
    Column("Proteins", lambda r: count(r["proteins"])),
)
LINES = (
    Column("Id", lambda r: r["id"] if _is_file(r) else protein_link(r["id"]), numeric=False),
    Column("Stage", lambda r: r["stage"], numeric=False),
    Column("Encoders", lambda r: r["encoders"] or "all", numeric=False),
    Column("Reason", lambda r: r["reason"], numeric=False),
)


def missing(results: StudyResults) -> Section:
    """The ledger, counted and line by line, and the questions that were not asked."""
    lines = results.ledger
    tables = (
        [Table("ledger-counts", "What was left out, by stage and reason", _counts(lines), COUNTS, folded=False)]
        if lines
        else []
    )
    tables += [Table("ledger", "Line by line", lines, LINES)] if lines else []
    return Section(
        "missing",
        "What was left out, and why",
        "Missing",
        _sentence(results),
        join(_absent(results), _open(results)),
        tables,
        part=TRUST,
        folded=True,
        more="Show what was left out, by stage and reason",
    )


def _sentence(results: StudyResults) -> str:
    lines = [row for row in results.ledger if not _is_file(row)]
    files, n = len(results.ledger) - len(lines), len({row["id"] for row in lines})
    beside = f" {plural(files, 'file')} of the folder {'is' if files == 1 else 'are'} no protein's." if files else ""
    if not n:
        return f"No protein was lost: every encoder took every one.{beside}"
    stages = Counter(row["stage"] for row in lines)
    reasons = f", for {plural(len(lines), 'reason')} in all" if len(lines) > n else ""
    return (
        f"{plural(n, 'protein')} {'was' if n == 1 else 'were'} left out somewhere{reasons} "
        f"({listing([f'{count(k)} at {stage}' for stage, k in sorted(stages.items())])}); the rest went through every stage.{beside}"
    )


def _is_file(line: Mapping[str, Any]) -> bool:
    return line["reason"].startswith(NOT_READ)


def _counts(lines: list[dict[str, str]]) -> list[dict[str, Any]]:
    groups = Counter((r["stage"], r.get("encoders", ""), r["reason"]) for r in lines)
    keys = ("stage", "encoders", "reason", "proteins")
    return [dict(zip(keys, (*group, n), strict=True)) for group, n in groups.most_common()]


def _absent(results: StudyResults) -> Markup | None:
    names = [results.labels[q] for q in results.absent]
    return tag("p", f"Not part of this run: {listing(names)}.") if names else None


def _open(results: StudyResults) -> Markup | None:
    reasons = [
        (results.labels.get(n, n), q["not_testable"]) for n, q in results.questions.items() if q.get("not_testable")
    ]
    items = [tag("li", tag("strong", name), ": ", prose(reason)) for name, reason in reasons]
    return tag("div", tag("p", "Asked, but these data cannot answer:"), tag("ul", *items)) if items else None
