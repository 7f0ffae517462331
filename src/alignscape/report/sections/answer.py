"""The first screen: what to take, whether to trust it, what it costs, what to do next, and every pair on one axis."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from ..answer.checklist import ABSENT, BAD, GOOD, OPEN, SOME, checklist
from ..answer.headline import BASELINE, NOTHING, RELATED, UNTOLD, headline
from ..answer.next_steps import next_steps
from ..answer.ranking import Ranked, Ranking, ranking
from ..markup import join, tag
from ..numbers import count, fixed, probability, short
from ..prose import prose
from ..results import StudyResults
from ..section import ANSWER, Row, Section, Table, paragraphs
from ..section import Column as TableColumn
from ..verdict import pill
from .ranking_table import ranking_table

MARKS = {GOOD: ("✓", "good"), BAD: ("✗", "bad"), SOME: ("!", "part"), OPEN: ("?", "open"), ABSENT: ("–", "open")}
MOODS = {BASELINE: "bad", NOTHING: "bad", UNTOLD: "part", RELATED: "part"}
MOST_NAMED = 3
COMPARISONS = (
    TableColumn("Pair", lambda r: r["a"], numeric=False),
    TableColumn("against", lambda r: r["b"], numeric=False),
    TableColumn("Difference [95 %]", lambda r: _difference(r)),
    TableColumn("p, corrected", lambda r: probability(r["p_corrected"]), hint="Holm's correction over all comparisons"),
    TableColumn("Verdict", lambda r: pill(r["verdict"]), numeric=False),
)


def answer(results: StudyResults) -> Section:
    """The answer of the study, four cards, and the ranking; every comparison behind it as a table."""
    said, found = headline(results), ranking(results)
    question = results.questions.get("separability", {})
    first = tag("div", _which(found), _cost(results, found), cls="stack")
    cards = tag("div", first, _trust(results), _next(results), cls="three")
    lead = join(cards, ranking_table(results, found) if found.main else None)
    return Section(
        "answer", said.title, "Answer", said.text, lead=lead, part=ANSWER, mood=MOODS.get(said.case, ""),
        method=question.get("method", ""),
        body=paragraphs(question.get("answer")), folded=True, lead_first=True, more="Every comparison of two pairs, and how they are compared",
        tables=[Table("separability", "Every comparison of two pairs", question.get("rows", ()), COMPARISONS, folded=False)],
    )  # fmt: skip


def _difference(row: Row) -> str:
    return f"{fixed(row['difference'])} [{fixed(row['low'])}, {fixed(row['high'])}]"


def _card(title: str, items: Iterable[Markup], *, ordered: bool = False, timed: bool = False) -> Markup:
    listed = tag("ol" if ordered else "ul", *items)
    return tag("div", tag("h3", title), listed, cls="card", data_timed=timed)


def _item(mark: str, mood: str, words: Markup | str, word: str = "") -> Markup:
    sign = tag("span", mark, aria_hidden="true", cls=f"mark {mood}")
    return tag("li", sign, tag("span", f"{word}: ", cls="unseen") if word else None, words)


def _which(found: Ranking) -> Markup:
    level, behind, n = found.level, found.behind, len(found.main)
    items = []
    if n == 1:
        items.append(_item("–", "open", "There is one pair."))
    elif len(level) > 1:
        items.append(
            _item(
                "?",
                "open",
                f"No winner: {_besides(len(level), n)} cannot be told from the highest.",
            )
        )
    elif level:
        items.append(
            _item(
                "✓", "good", f"{level[0].label} is ahead of {'the other' if n == 2 else f'all {count(n - 1)} others'}."
            )
        )
    if behind:
        items.append(_item("▽", "bad", f"Leave out {_named(behind)}: worse than {level[0].label}."))
    held = [r for r in level if r.held_above]
    if found.held_out and level:
        mood = "good" if len(held) == len(level) else "part" if held else "bad"
        items.append(_item("◇", mood, f"With relatives held out {_stays(len(held), len(level))}."))
    return _card("Which one?", items)


def _stays(held: int, level: int) -> str:
    if not held:
        return "nothing above chance remains" if level == 1 else f"none of these {count(level)} is above chance"
    if held == level:
        return "it stays above chance" if level == 1 else f"all {count(level)} stay above chance"
    return f"{count(held)} of these {count(level)} {'stays' if held == 1 else 'stay'} above chance"


def _besides(level: int, n: int) -> str:
    """The pairs that are level with the highest, without itself."""
    return "the other pair" if n == 2 else f"{count(level - 1)} of the {count(n - 1)} others"


def _named(pairs: Sequence[Ranked]) -> str:
    if len(pairs) > MOST_NAMED:
        return f"{count(len(pairs))} pairs (the lowest group)"
    return ", ".join(r.label for r in pairs)


def _trust(results: StudyResults) -> Markup:
    checks = checklist(results)
    items = [
        _item(*MARKS[c.verdict], join(prose(c.what), ": ", tag("strong", prose(c.number))), c.verdict) for c in checks
    ]
    return _card("Can I trust it?", items)


def _cost(results: StudyResults, found: Ranking) -> Markup:
    """Times are of one run, so they stand in elements of their own (`data-timed`)."""
    costs, items = results.costs, []
    for side, what in (("gdm", "structure"), ("llm", "text")):
        known = [costs.embedding[n] for n in dict.fromkeys(r.row[side] for r in found.main) if n in costs.embedding]
        if known:
            times, memory = _range([c.seconds for c in known]), max(c.gigabytes for c in known)
            items.append(tag("li", f"Embedding a {what}: {times} s of CPU, up to {short(memory, 2)} GB."))
    for what, names in (
        ("an encoder", {b.name for b in results.study.all_structure_encoders}),
        ("a language model (fine-tuning)", {b.name for b in results.study.fine_tuning}),
    ):
        known = [cost for name, cost in costs.training.items() if name in names]
        if known:
            items.append(tag("li", f"Training {what}: {_range([c.seconds for c in known])} s of CPU."))
    cheapest = _cheapest(results, found)
    if cheapest:
        items.append(tag("li", f"The cheapest of those that cannot be told apart: {cheapest}."))
    return _card(
        "What does it cost?",
        items or [tag("li", "Not measured in this run: the embeddings were there before.")],
        timed=True,
    )


def _range(values: Sequence[float]) -> str:
    low, high = (short(v, 2) if v < 10 else count(v) for v in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def _cheapest(results: StudyResults, found: Ranking) -> str | None:
    known = results.costs.embedding
    level = [r for r in found.level if r.row["gdm"] in known and r.row["llm"] in known]
    if len(level) < 2:
        return None
    return min(level, key=lambda r: known[r.row["gdm"]].seconds + known[r.row["llm"]].seconds).label


def _written(line: str) -> Markup:
    """A command or a line of a config; it may be broken between its words only."""
    words = [join(" " if i else None, tag("span", word)) for i, word in enumerate(line.split(" "))]
    return tag("code", *words, cls="write", tabindex=0)


def _next(results: StudyResults) -> Markup:
    items = [tag("li", prose(s.what), _written(s.write) if s.write else None) for s in next_steps(results)]
    return _card("What next?", items or [tag("li", "Nothing that this study shows.")], ordered=True)
