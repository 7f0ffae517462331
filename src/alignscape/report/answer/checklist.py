"""Whether the answer can be trusted: the same items for every study, each with a mark, words and a number."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from ...statistics.seeds import few_seeds
from ..numbers import count, fixed, interval, plural
from ..results import StudyResults
from ..weights import said_of, states
from .ranking import Ranking, ranking

GOOD, SOME, BAD, OPEN, ABSENT = "yes", "in part", "no", "undecided", "not asked"
SEEDS_AGREE = 0.02  # standard deviation over seeds of a score that makes no difference


@dataclass(frozen=True)
class Check:
    """One item."""

    verdict: str  # GOOD, SOME, BAD, OPEN or ABSENT
    what: str
    number: str


def checklist(results: StudyResults) -> list[Check]:
    """All items, in a fixed order."""
    found = ranking(results)
    return [item(results, found) for item in ITEMS]


def _baseline(results: StudyResults, found: Ranking) -> Check:
    what, baseline = "Highest pair above every baseline", results.questions.get("separability", {}).get("baseline")
    if not baseline:
        return Check(ABSENT, what, "the study has no baseline" if not found.baselines else "not compared")
    verdict = GOOD if baseline["high"] < 0 else BAD if baseline["low"] > 0 else OPEN
    # Stored as baseline less pair; said as pair less baseline.
    low, high = -baseline["high"], -baseline["low"]
    return Check(verdict, what, f"{fixed(-baseline['difference'])} {interval(low, high)} against {baseline['label']}")


def _above(results: StudyResults, found: Ranking) -> Check:
    return _share("Above shuffled texts", sum(r.above for r in found.main), len(found.main))


def _held_out(results: StudyResults, found: Ranking) -> Check:
    known = [r.held_above for r in found.main if r.held_above is not None]
    what = "Above shuffled texts, relatives held out"
    return _share(what, sum(known), len(known)) if known else Check(ABSENT, what, "the study holds none out")


def _separate(results: StudyResults, found: Ranking) -> Check:
    what, level, n = "Highest pair told from the others", len(found.level), len(found.main)
    if n < 2 or not results.questions.get("separability", {}).get("pairs"):
        return Check(ABSENT, what, "one pair" if n < 2 else "not compared")
    verdict = GOOD if level == 1 else OPEN if level == n else SOME
    return Check(verdict, what, f"{count(n - level)} of {count(n - 1)}")


def _weights(results: StudyResults, found: Ranking) -> Check:
    """Published weights are what one would use; weights trained on few proteins, or random ones, are not."""
    by_state = states(results, "gdm")
    published = sum(said_of(state) == "published" for state in by_state.values())
    said = [f"{n} {word}" for word, n in Counter(map(said_of, by_state.values())).items()]
    random = "random" in by_state.values()
    verdict = (
        ABSENT if not by_state else BAD if random or not published else GOOD if published == len(by_state) else SOME
    )
    return Check(verdict, "Published weights", ", ".join(said) or "none")


def _converged(results: StudyResults, found: Ranking) -> Check:
    known = [r.row.get("not_converged") for r in found.main]
    known = [k for k in known if k is not None]
    what = "Training had levelled off"
    return (
        _share(what, len(known) - sum(map(bool, known)), len(known)) if known else Check(ABSENT, what, "not recorded")
    )


def _seeds(results: StudyResults, found: Ranking) -> Check:
    seeds, known = results.study.alignment.seeds, [r.row["sd"] for r in found.main if r.row["sd"] is not None]
    what = "Repeats of the training agree"
    if not known:
        return Check(OPEN, what, plural(seeds, "repeat"))
    verdict = BAD if max(known) > SEEDS_AGREE else SOME if few_seeds(seeds) else GOOD
    return Check(verdict, what, f"scores vary by up to {fixed(max(known))} (SD of {plural(seeds, 'repeat')})")


def _lost(results: StudyResults, found: Ranking) -> Check:
    lost = len({row["id"] for row in results.ledger})
    return Check(GOOD if not lost else SOME, "Proteins left out", count(lost) if lost else "none")


ITEMS: tuple[Callable[[StudyResults, Ranking], Check], ...] = (
    _above, _held_out, _baseline, _separate, _weights, _converged, _seeds, _lost,
)  # fmt: skip


def _share(what: str, k: int, n: int) -> Check:
    verdict = ABSENT if not n else GOOD if k == n else BAD if not k else SOME
    return Check(verdict, what, f"{count(k)} of {plural(n, 'pair')}")
