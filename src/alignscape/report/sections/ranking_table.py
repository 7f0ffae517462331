"""All pairs on one axis: both splits, each row's own chance, what it finds, what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from ..answer.ranking import BASELINE, BEHIND, LEVEL, Ranked, Ranking
from ..costs import Cost
from ..figures.page.marks import interval, key, shape, target
from ..labels import SPLITS
from ..leading import MOST_PAIRS
from ..markup import join, percent, tag
from ..numbers import count, estimate, fixed, listing, plural, share, short
from ..numbers import interval as bounds
from ..palette import INK, gdm_colours, on_page, shape_of
from ..results import StudyResults
from ..scale import Scale, spanning
from ..weights import said_of

MOST_BASELINES = 3
HEIGHT = 26  # pixels of a row's drawing
NULL_95 = 1.96  # half the width, in standard deviations, of what exchanged texts give
SIGNS = {"trained here": "†", "random": "‡"}
SCORE, HELD, FINDS, COST = "Score [95 %]", "Held out [95 %]", "Finds the right text", "CPU per protein"
Row = Mapping[str, Any]


def ranking_table(results: StudyResults, found: Ranking) -> Markup:
    """The table with its legend and caption."""
    made = _Made(found, found.baselines[:MOST_BASELINES], gdm_colours(results.rows("pairs")), results.costs.embedding)
    label = "All pairs by their calibrated scores"
    table = tag("table", tag("caption", label, cls="unseen"), made.head(), *made.groups(), made.axis(), cls="ranking")
    frame = tag("div", table, cls="wide cards-on-phone", tabindex=0, role="region", aria_label=label)
    return tag("div", made.legend(), frame, tag("p", made.caption(), cls="small"), cls="block", id="ranking")


@dataclass(frozen=True)
class _Made:
    found: Ranking
    baselines: Sequence[Ranked]
    colours: Mapping[str, str]
    costs: Mapping[str, Cost]

    @property
    def shown(self) -> list[Ranked]:
        return [*self.baselines, *self.found.main[:MOST_PAIRS]]

    @cached_property
    def scale(self) -> Scale:
        rows = [row for pair in self.shown for row in (pair.row, pair.held) if row]
        ends = [row[k] for row in rows for k in ("calibrated", "calibrated_low", "calibrated_high")]
        return spanning([*ends, *(end for pair in self.shown for end in _chance(pair))], include=(0.0,))

    @cached_property
    def pool(self) -> int | None:
        """Among how many texts every row finds its own; None where they differ."""
        pools = {round(1 / r) for pair in self.shown if (r := pair.row.get("chance_recall_1"))}
        return pools.pop() if len(pools) == 1 else None

    def head(self) -> Markup:
        finds = f"{FINDS} among {count(self.pool)} (chance {share(1 / self.pool)})" if self.pool else FINDS
        drawing = tag("th", tag("span", "Calibrated score", cls="unseen"), scope="col")
        titles = [SCORE, *([HELD] if self.found.held_out else []), finds]
        cost = tag("th", COST, scope="col", cls="n") if self.costs else None
        row = tag(
            "tr", tag("th", "Pair", scope="col"), drawing, *(tag("th", t, scope="col", cls="n") for t in titles), cost
        )
        return tag("thead", row)

    def groups(self) -> list[Markup]:
        found = self.found
        parts = ((BASELINE, self.baselines), (LEVEL, found.level), (BEHIND, found.behind))
        here = {id(pair) for pair in self.shown}
        drawn = [(name, [pair for pair in pairs if id(pair) in here]) for name, pairs in parts]
        return [self.group(self.title(name), pairs) for name, pairs in drawn if pairs]

    def title(self, group: str) -> str:
        if group == BASELINE:
            return "Baselines: without a structure encoder or without a language model"
        if group == BEHIND:
            return f"Worse than {self.found.main[0].label} (corrected p < 0.05)"
        level = len(self.found.level)
        return "The highest pair" + (f", and {count(level - 1)} that cannot be told from it" if level > 1 else "")

    def group(self, title: str, pairs: Sequence[Ranked]) -> Markup:
        head = tag("tr", tag("th", title, scope="colgroup", colspan=self.width), cls="group-head")
        return tag("tbody", head, *(self.row(pair) for pair in pairs))

    @property
    def width(self) -> int:
        return 4 + bool(self.found.held_out) + bool(self.costs)

    def row(self, pair: Ranked) -> Markup:
        colour = self.colours.get(pair.row["gdm"], INK)
        cells: list[Markup | None] = [_number(SCORE, pair.row)]
        cells += [_number(HELD, pair.held)] if self.found.held_out else []
        cells += [self.finds(pair.row), self.cost(pair.row)]
        return tag("tr", _name(pair, colour), tag("td", self.drawing(pair, colour), cls="drawing"), *cells)

    def finds(self, row: Row) -> Markup:
        """How often the structure finds its own text first; among how many, and what guessing gives, unless all have that."""
        found, chance = row.get("recall_text_1"), row.get("chance_recall_1")
        if found is None or not chance:
            return tag("td", "–", cls="n", data_title=FINDS)
        among = f" of {count(1 / chance)} (chance {share(chance)})"
        words = join(tag("strong", share(found)), tag("span", among, cls="bounds pooled" if self.pool else "bounds"))
        return tag("td", words, cls="n", data_title=FINDS, data_sort=found)

    def cost(self, row: Row) -> Markup | None:
        if not self.costs:
            return None
        parts = [self.costs[row[side]].seconds for side in ("gdm", "llm") if row[side] in self.costs]
        words = " + ".join(short(p, 2) for p in parts) + " s" if parts else "–"
        return tag("td", words, cls="n", data_title=COST, data_sort=sum(parts), data_timed=True)

    def drawing(self, pair: Ranked, colour: str) -> Markup:
        """Chance as a box, the main split above, relatives held out below."""
        zero = tag(
            "line", x1=percent(self.scale.percent(0)), x2=percent(self.scale.percent(0)), y1=0, y2="100%", cls="zero"
        )
        low, high = (self.scale.percent(end) for end in _chance(pair))
        box = tag("rect", x=percent(low), width=percent(max(high - low, 0.4)), y=2, height=HEIGHT - 4, cls="chance")
        marks = [self.mark(pair.row, "dot", 8.0, colour, "relatives allowed")]
        marks += [self.mark(pair.held, "diamond", 19.0, colour, "relatives held out")] if pair.held else []
        return tag("svg", box, zero, *marks, width="100%", height=HEIGHT, aria_hidden="true")

    def mark(self, row: Row, kind: str, y: float, colour: str, what: str) -> Markup:
        x = self.scale.percent(row["calibrated"])
        ends = (self.scale.percent(row["calibrated_low"]), self.scale.percent(row["calibrated_high"]))
        tip = f"{row['label']}, {what}: {estimate(row, 'calibrated')}"
        return tag("g", interval(ends, (y, y), colour), shape(kind, x, y, colour), target(x, y), data_tip=tip)

    def axis(self) -> Markup:
        ticks = [(percent(self.scale.percent(t)), short(t)) for t in self.scale.ticks()]
        labels = [tag("text", text, x=x, y=12, text_anchor="middle", cls="tick") for x, text in ticks]
        picture = tag("svg", *labels, width="100%", height=16)
        cells = tag("td"), tag("td", picture, cls="drawing"), tag("td", colspan=self.width - 2)
        return tag("tfoot", tag("tr", *cells), aria_hidden="true")

    def legend(self) -> Markup:
        main, check = self.found.split, self.found.held_out
        box = tag("rect", width=14, height=12, y=1, cls="chance")
        entries = [(key("dot", INK), f"main: {SPLITS.get(main, main)}")]
        entries += [(key("diamond", INK), f"check: {SPLITS.get(check, check)}")] if check else []
        entries += [
            (
                tag("svg", box, width=16, height=14, cls="key", aria_hidden="true"),
                "the row's own chance: 95 % of exchanges of texts",
            )
        ]
        return tag("ul", *(tag("li", mark, " ", text) for mark, text in entries), cls="legend")

    def caption(self) -> str:
        more, lower = len(self.found.baselines) - len(self.baselines), len(self.found.main[MOST_PAIRS:])
        counted = ((lower, "lower pair"), (more, "lower baseline"))
        rest = [plural(n, what) for n, what in counted if n]
        said = [
            "Calibrated score: mean cosine of a protein with its own text minus the mean with others' texts; 0 at chance, 1 at best.",
            f"{plural(self.found.main[0].row['n'], 'test protein')}; intervals are over sequence clusters and seeds.",
            "CPU per protein: structure encoder + language model, start-up included." if self.costs else "",
            f"{listing(rest)} {'is' if lower + more == 1 else 'are'} in the table of every pair." if rest else "",
            *(
                f"{SIGNS.get(word, '§')} encoder weights {word}."
                for word in dict.fromkeys(map(_told, self.shown))
                if word
            ),
        ]
        return " ".join(filter(None, said))


def _chance(pair: Ranked) -> tuple[float, float]:
    """Where scores of the row lie in 95 % of exchanges of texts, 0 in the middle; (0, 0) where that is not known."""
    half = NULL_95 * (pair.row.get("null_sd") or 0.0)
    return -half, half


def _name(pair: Ranked, colour: str) -> Markup:
    row, word = pair.row, _told(pair)
    words = tag("span", row["gdm"], " ×", cls=f"gdm s{shape_of(colour)} whole", style=f"--c:{on_page(colour)}")
    sign = tag("abbr", SIGNS.get(word, "§"), title=f"weights: {word}") if word else None
    return tag("th", words, " ", tag("span", row["llm"], cls="whole"), sign, scope="row")


def _told(pair: Ranked) -> str:
    """What is said of weights that are not published ones; "" for these and for an encoder without weights."""
    said = said_of(str(pair.row["gdm_weights"] or "none"))
    return "" if pair.row["gdm_role"] == BASELINE or said in ("published", "without weights") else said


def _number(title: str, row: Row | None) -> Markup:
    if not row:
        return tag("td", "–", cls="n", data_title=title)
    ends = tag("span", bounds(row["calibrated_low"], row["calibrated_high"]), cls="bounds")
    value = row["calibrated"]
    return tag("td", tag("strong", fixed(value)), " ", ends, cls="n", data_title=title, data_sort=value)
