"""What to do next, from what this study found and how it was made."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from ...statistics.power import about
from ...statistics.seeds import ENOUGH, few_seeds
from ..numbers import count, listing, plural
from ..results import StudyResults
from .headline import BASELINE, headline, states_counts
from .ranking import Ranking, ranking

MOST_NAMED = 5  # encoders in a sentence


@dataclass(frozen=True)
class Step:
    """What to do, and what to write for it: a line of the config, or a command."""

    what: str
    write: str = ""


def next_steps(results: StudyResults) -> list[Step]:
    """What applies to the study, the most telling first; the commands last."""
    found = ranking(results)
    return [step for make in STEPS for step in make(results, found)]


def _drop(results: StudyResults, found: Ranking) -> list[Step]:
    stated = states_counts(results)
    if headline(results).case != BASELINE or not stated:
        return []
    return [
        Step(
            f"Hide {' and '.join(stated)} from the descriptions: does the baseline still win?",
            f"text: {{drop: [{', '.join(stated)}]}}",
        )
    ]


def _published(results: StudyResults, found: Ranking) -> list[Step]:
    blocks = {b.name: b for b in results.study.all_structure_encoders}
    names = [
        name
        for name in dict.fromkeys(r.row["gdm"] for r in found.main)
        if name in blocks and blocks[name].weights in ("trained", "random") and "official" in _words(blocks[name])
    ]
    named = listing(names) if len(names) <= MOST_NAMED else f"the {count(len(names))} encoders that have them"
    return [Step(f"Take published weights for {named}", "weights: official")] if names else []


def _words(block: object) -> tuple[str, ...]:
    """The words that `weights` of a block may be."""
    fields = getattr(type(block), "model_fields", {})
    return get_args(fields["weights"].annotation) if "weights" in fields else ()


def _proteins(results: StudyResults, found: Ranking) -> list[Step]:
    """How many tested proteins would tell the highest pair from the next that it cannot be told from."""
    question = results.questions.get("separability", {})
    decide, rows = question.get("decide") or [], question.get("rows", ())
    undecided = [(r, n) for r, n in zip(rows, decide, strict=False) if r["verdict"] == "undecided" and n is not None]
    first = next(((r, n) for r, n in undecided if r["a"] == question["pairs"][0]["label"]), None)
    if first is None:
        return []
    return [Step(f"Test more proteins: {about(first[1])} would tell {first[0]['a']} from {first[0]['b']}")]


def _relatives(results: StudyResults, found: Ranking) -> list[Step]:
    if found.held_out or "cluster" in found.split:
        return []
    other = f"{found.split}_cluster" if found.split == "kfold" else "cluster"
    return [
        Step(
            "Hold relatives out: is it more than recognition of families?",
            f"alignment: {{splits: [{found.split}, {other}]}}",
        )
    ]


def _epochs(results: StudyResults, found: Ranking) -> list[Step]:
    learning = sum(bool(r.row.get("not_converged")) for r in found.main)
    if not learning:
        return []
    more = 2 * results.study.alignment.epochs
    return [
        Step(
            f"Train the heads for longer: those of {plural(learning, 'pair')} were still learning",
            f"alignment: {{epochs: {more}}}",
        )
    ]


def _seeds(results: StudyResults, found: Ranking) -> list[Step]:
    few = few_seeds(results.study.alignment.seeds)
    return (
        [Step("Train more heads for each pair: intervals become narrower", f"alignment: {{seeds: {ENOUGH}}}")]
        if few
        else []
    )


def _commands(results: StudyResults, found: Ranking) -> list[Step]:
    if not found.main:
        return []
    row = found.main[0].row
    pair, config = shlex.join([str(row["gdm"]), str(row["llm"])]), shlex.quote(results.made.config or "my.yaml")
    return [
        Step("Search the proteins by a text", f'alignscape search {pair} --text "a serine protease" --config {config}'),
        Step("Take the trained heads with you", f"alignscape export {pair} --out heads --config {config}"),
    ]


STEPS: tuple[Callable[[StudyResults, Ranking], list[Step]], ...] = (
    _drop, _published, _proteins, _relatives, _epochs, _seeds, _commands,
)  # fmt: skip
