"""What a page is made of: sections that answer a question, with tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from .markup import join, tag
from .numbers import count, plural
from .prose import prose

Row = Mapping[str, Any]
# The parts of the page in order: the entries of its menu. A section that names none is about what helps.
ANSWER, PAIRS, TRUST, PROTEINS, HELPS, CLAIMS, METHODS = PARTS = (
    "Answer", "Pairs", "Trust", "Proteins", "What helps", "Paper's claims", "Methods and cite",
)  # fmt: skip
ALPHA = 0.05
MOST_ROWS = 250  # shown; the file to download has more
MOST_SAVED = 10_000  # rows of a file to download; the study's folder has them all


@dataclass(frozen=True)
class Column:
    """One column of a table as it is shown."""

    title: str
    cell: Callable[[Row], Any]
    numeric: bool = True
    hint: str | None = None
    paper: bool = True  # whether it is printed: a page has room for some ten columns


@dataclass(frozen=True)
class Table:
    """Some columns are shown; the file to download has them all."""

    name: str  # of the downloaded file
    caption: str
    rows: Sequence[Row]
    columns: Sequence[Column]
    folded: bool = True  # behind a line that opens it
    cards: bool = False  # on a phone each row a card
    order: Sequence[str] = ()  # of the file's columns; that of the first row if absent
    saved: Sequence[Row] | None = None  # rows of the file; those that are shown if absent

    def html(self) -> Markup:
        """The table and its download button."""
        part = f", first {count(MOST_SAVED)} rows" if len(self._whole) > MOST_SAVED else ""
        button = tag(
            "button", "Download TSV", tag("span", f" of {self.name}", cls="unseen"), part, type="button", cls="download",
            data_table=self.name,
        )  # fmt: skip
        scroll = {"tabindex": 0, "role": "region", "aria_label": self.caption}
        if not self.folded:
            table = tag("div", self._grid(), cls="cards-on-phone" if self.cards else "wide", **scroll)
            return tag("div", button, tag("h3", self.caption), table, cls="table open")
        label = f"{self.caption} ({self._extent()})"
        table = tag("div", self._grid(), cls="scroll cards-on-phone" if self.cards else "scroll", **scroll)
        return tag("div", button, tag("details", tag("summary", label), table), cls="table")

    @property
    def _whole(self) -> Sequence[Row]:
        return self.rows if self.saved is None else self.saved

    def _extent(self) -> str:
        n = plural(len(self.rows), "row")
        return n if len(self.rows) <= MOST_ROWS else f"the first {MOST_ROWS} of {n}"

    def _grid(self) -> Markup:
        head = [tag("th", c.title, scope="col", cls=_kind(c), data_tip=c.hint) for c in self.columns]
        body = [tag("tr", *(self._cell(c, row) for c in self.columns)) for row in self.rows[:MOST_ROWS]]
        caption = tag("caption", self.caption, cls="unseen")
        return tag("table", caption, tag("thead", tag("tr", *head)), tag("tbody", *body))

    @staticmethod
    def _cell(column: Column, row: Row) -> Markup:
        inner = tag("div", column.cell(row), cls="cell")
        return tag("td", inner, cls=_kind(column), data_title=column.title or None)

    def data(self) -> dict[str, Any]:
        """Columns and rows of the file to download."""
        rows = self._whole[:MOST_SAVED]
        columns = list(self.order or (rows[0] if rows else ()))
        return {"columns": columns, "rows": [[_compact(row.get(c)) for c in columns] for row in rows]}


def _kind(column: Column) -> str | None:
    return " ".join(filter(None, ["n" if column.numeric else "", "" if column.paper else "unprinted"])) or None


def _compact(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return value


@dataclass(frozen=True)
class Section:
    """One question: a sentence that answers it, then what the sentence rests on. Its figures are described apart."""

    id: str
    title: str
    menu: str  # its short name
    answer: str
    body: Markup | None = None
    tables: Sequence[Table] = ()
    kicker: str = ""  # RQ1 ...
    method: str = ""
    open_question: bool = False  # not testable: the answer says why
    lead: Markup | None = None  # above the figures; `body` lies below them
    part: str = HELPS  # of the page: an entry of its menu
    folded: bool = False  # figures, tables and method behind a line that opens them
    more: str = "Show figure, tables and method"  # that line
    lead_first: bool = False  # `lead` stands above that line
    mood: str = ""  # of its answer: good, bad or part

    def has_more(self, figures: Sequence[Markup]) -> bool:
        """Whether anything stands below the answer."""
        return bool(figures or self.body or self.lead or self.method or any(t.rows for t in self.tables))


def answered(question: Mapping[str, Any], *, id: str, title: str, menu: str, **parts: Any) -> Section:
    """The section of a question: answer and method are its own. parts: the rest of `Section`."""
    open_question = bool(question.get("not_testable"))
    if open_question:
        parts |= {"lead": None, "body": None}
    parts = {
        "method": question.get("method", ""),
        "folded": undecided(question) or parts.get("part", HELPS) == HELPS,
    } | parts
    return Section(id, title, menu, question["answer"], open_question=open_question, **parts)


def undecided(question: Mapping[str, Any]) -> bool:
    """Whether a question has tests, and of them at most one in ten is beyond chance after correction for their number."""
    tables = [value for value in question.values() if isinstance(value, list)]
    rows = [row for table in tables for row in table if isinstance(row, Mapping)]
    known = [row["p_corrected"] for row in rows if row.get("p_corrected") is not None]
    return bool(known) and 10 * sum(p < ALPHA for p in known) <= len(known)


def paragraphs(*texts: str | None) -> Markup:
    """Paragraphs of plain text; empty ones are left out."""
    return join(*(tag("p", prose(text)) for text in texts if text))
