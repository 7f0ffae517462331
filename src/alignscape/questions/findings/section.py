"""The paper's claims, and ours, judged by rules that were written down before."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ...report.markup import join, tag
from ...report.numbers import NOTHING, plural
from ...report.prose import prose
from ...report.results import StudyResults
from ...report.section import CLAIMS, Column, Section, Table, answered
from ...report.verdict import MARKS, pill

COLUMNS = (
    Column("No.", lambda r: r["number"]),
    Column("Claim", lambda r: _claim(r), numeric=False),
    Column("Paper", lambda r: prose(r["paper"] or NOTHING), numeric=False),
    Column("Here", lambda r: prose(r["ours"] or NOTHING), numeric=False),
    Column("Verdict", lambda r: _verdict(r), numeric=False),
    Column("On the calibrated score", lambda r: _calibrated(r), numeric=False),
)


def _claim(row: Mapping[str, Any]) -> Markup:
    return join(tag("div", prose(row["claim"])), tag("div", prose(row["rule"]), cls="small"))


def _verdict(row: Mapping[str, Any]) -> Markup:
    return join(pill(row["verdict"]), tag("div", prose(row["why"]), cls="small") if row["why"] else None)


def _calibrated(row: Mapping[str, Any]) -> Markup | None:
    """The number and the verdict on the calibrated score; nothing for a finding that is not about scores."""
    if not row.get("calibrated_verdict"):
        return None
    judged = {"verdict": row["calibrated_verdict"], "why": row["calibrated_why"]}
    return join(tag("div", prose(row["calibrated"] or NOTHING)), _verdict(judged))


def _tables(rows: Sequence[Mapping[str, Any]]) -> list[Table]:
    """What these data decide, in sight; what they leave open, behind a line. Each is saved with all findings."""
    decided = [r for r in rows if {r["verdict"], r.get("calibrated_verdict")} & {"holds", "does not hold"}]
    rest = [r for r in rows if r not in decided]
    return [
        Table("findings", "What these data decide", decided, COLUMNS, folded=False, cards=True, saved=rows),
        Table("findings-open", "Undecided, or not testable by this study", rest, COLUMNS, cards=True, saved=rows),
    ]


def section(results: StudyResults) -> Section:
    """The table of findings."""
    question = results.questions["findings"]
    counts = question.get("counts", {})
    tally = [tag("li", pill(v), " ", plural(counts[v], "finding")) for v in MARKS if counts.get(v)]
    return answered(
        question,
        id="findings",
        title="Do the paper's findings hold here?",
        menu="Findings",
        part=CLAIMS,
        lead=tag("ul", *tally, cls="tally"),
        tables=_tables(question["rows"]),
    )
