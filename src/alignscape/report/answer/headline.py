"""What to take home, by rule: the same words on the page, in summary.json and on the terminal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..numbers import count, estimate, fixed, interval, plural
from ..results import StudyResults
from .ranking import Ranked, Ranking, ranking

# The cases, in the order in which they are asked: the first that is true is said.
NONE, NOTHING, BASELINE, UNTOLD, ALONE, ONE, RELATED, SEVERAL = (
    "no main pair",  # nothing to rank
    "nothing above shuffled texts",
    "baseline wins",
    "not told from a baseline",
    "only one pair",
    "one winner",
    "winner falls without relatives",
    "several",
)


@dataclass(frozen=True)
class Headline:
    """The answer of a study."""

    case: str
    title: str
    text: str

    @property
    def sentence(self) -> str:
        """Title and text, for a line of plain text."""
        return f"{self.title}. {self.text}".strip()


def headline(results: StudyResults) -> Headline:
    """The case that holds, and what is said of it."""
    found = ranking(results)
    if not found.main:
        return Headline(NONE, "There is no pair to take", "The study has no pair of main encoders.")
    case, title, text = _chosen(results, found)
    return Headline(case, title, " ".join(filter(None, [text, _small(results, found)])))


def _chosen(results: StudyResults, found: Ranking) -> tuple[str, str, str]:
    if not any(r.above for r in found.main):
        return NOTHING, "No pair is shown to know these proteins", _nothing(found)
    baseline = results.questions.get("separability", {}).get("baseline")
    if baseline and not baseline["high"] < 0:
        return _against(results, found, baseline)
    return _told(found)


def _nothing(found: Ranking) -> str:
    top, n = found.main[0], len(found.main)
    who = (
        f"The only pair, {top.label}, has"
        if n == 1
        else f"Of {count(n)} pairs none is above shuffled texts; the highest, {top.label}, has"
    )
    return f"{who} {_number(top)}, where 0 is chance."


def _against(results: StudyResults, found: Ranking, baseline: Mapping[str, Any]) -> tuple[str, str, str]:
    """A baseline that is better than the highest pair, or cannot be told from it."""
    what, without, about = _kind(found, baseline["label"])
    top, n = found.main[0], len(found.main)
    numbers = f"difference {fixed(baseline['difference'])} {interval(baseline['low'], baseline['high'])}"
    scores = f"{fixed(baseline['score'])} against {fixed(top.row['calibrated'])} for {top.label}, {numbers}"
    name = f"{baseline['label']}{f' ({about})' if about else ''}"
    if baseline["low"] > 0:
        whom = "the only pair" if n == 1 else f"the highest of {count(n)} pairs"
        said = f"A baseline without {without}, {name}, matches descriptions better than {whom}: {scores}."
        return (
            BASELINE,
            f"On these proteins no {what} is worth taking yet",
            f"{said} {_shortcut(results, found, baseline)}".strip(),
        )
    said = f"The highest pair cannot be told from a baseline without {without}, {name}: {scores}."
    return UNTOLD, f"No {what} is shown to be better than a baseline yet", said


def _kind(found: Ranking, label: str) -> tuple[str, str, str]:
    """Which side the baseline replaces, what it lacks, and what it counts."""
    row = next((r.row for r in found.baselines if r.label == label), {})
    if row.get("gdm_role") == "baseline" or not row:
        about = {"composition": "amino-acid fractions, length, numbers of chains"}.get(str(row.get("gdm_kind")), "")
        return "structure encoder", "3D structure", about
    return "language model", "a language model", ""


def _shortcut(results: StudyResults, found: Ranking, baseline: Mapping[str, Any]) -> str:
    """Why a baseline of counts may win: the template states them."""
    stated = states_counts(results)
    row = next((r.row for r in found.baselines if r.label == baseline["label"]), {})
    if not stated or row.get("gdm_kind") != "composition":
        return ""
    return f"The descriptions state {' and '.join(stated)}, so part of its lead may be that."


def states_counts(results: StudyResults) -> list[str]:
    """Which of the counts that `composition` has stand in the descriptions too, by the names that `text.drop` takes."""
    rule = results.study.text
    return (
        [fact for fact in ("length", "chains") if fact not in rule.drop]
        if rule.writer in ("template", "openai")
        else []
    )


def _told(found: Ranking) -> tuple[str, str, str]:
    """The highest pair against the others, where no baseline is in its way."""
    top, level, n = found.main[0], found.level, len(found.main)
    if n == 1:
        return (
            ALONE,
            f"{_capital(top.spoken)} is above chance",
            f"It has {_number(top)}, and there is no other pair to compare it with.{_held(top)}",
        )
    if len(level) > 1:
        return SEVERAL, *_several(level, n)
    others = "the other pair" if n == 2 else f"all {count(n - 1)} others"
    ahead = f"It has {_number(top)}, ahead of {others} beyond chance."
    if top.held_above is False:
        return RELATED, f"Take {top.spoken} only for proteins related to those you train on", f"{ahead}{_held(top)}"
    return ONE, f"Take {top.spoken}", f"{ahead}{_held(top)}"


def _several(level: list[Ranked], n: int) -> tuple[str, str]:
    top, k = level[0], len(level)
    which = "either of 2 pairs" if k == 2 else f"any of {count(k)} pairs"
    highest = f"the highest, {top.label}, has {_number(top)}"
    said = (
        f"{'Both' if n == 2 else 'These'} cannot be told apart; {highest}."
        if k == n
        else f"{_capital(highest)}; {count(k - 1)} of the {count(n - 1)} others cannot be told from it."
    )
    known = [r.held_above for r in level if r.held_above is not None]
    if known and not any(known):
        return (
            f"Take {which}, only for proteins related to those you train on",
            f"{said} With relatives held out none of them is above chance.",
        )
    stay = "stays" if sum(known) == 1 else "stay"
    kept = (
        f" With relatives held out {count(sum(known))} of these {count(len(known))} {stay} above chance."
        if known
        else ""
    )
    return f"Take {which}", said + kept


def _held(top: Ranked) -> str:
    if top.held is None or top.held_above is None:
        return ""
    stays = "it stays above chance" if top.held_above else "nothing above chance remains"
    return f" With relatives held out {stays}: {_number(top, top.held)}."


def _small(results: StudyResults, found: Ranking) -> str:
    """What the sentence rests on, where that is little: few proteins, or encoders trained on few."""
    n, training = found.main[0].row["n"], len(results.encoder_training)
    here = any(r.row["gdm_weights"] == "trained here" for r in found.main)
    if n >= FEW:
        return ""
    trained = f", and encoders trained on {count(training)}," if here and training else ""
    few = f"{plural(n, 'protein')}{trained} {'are' if n != 1 or trained else 'is'} too few"
    return f"{few} to rank the encoders for your project."


FEW = 200  # tested proteins below which a study shows that things work, not which encoder is best


def _number(pair: Ranked, row: Mapping[str, Any] | None = None) -> str:
    return estimate(row or pair.row, "calibrated")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
