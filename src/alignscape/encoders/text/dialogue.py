"""Question and description as a model is trained on them: tokens, which of them count, and who is asked about what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...config.encoders import FineTuning
from ...errors import UserError
from ...proteins.ids import entry_of

IGNORED = -100  # a label that does not count, as torch's cross entropy has it


@dataclass(frozen=True)
class Pair:
    """A protein's question and the description given as its answer; `text_id` differs in the shuffled control."""

    id: str
    text_id: str
    text: str


@dataclass(frozen=True)
class Example:
    """Tokens of a question with its answer; labels (same length) are tokens that count, IGNORED elsewhere."""

    tokens: list[int]
    labels: list[int]


def split_pairs(
    config: FineTuning, ids: Sequence[str], texts: Sequence[str], *, seed: int
) -> tuple[list[Pair], list[Pair]]:
    """Pairs to train on and pairs held out for perplexity, whole entries of either, `config.texts` in all; both sorted by id.

    Under `shuffled` every training question gets the description of another training protein, each used once. The
    held-out pairs are always true ones, so that both adapters are judged by the same. Raises UserError for fewer than
    three proteins, and for chains of fewer than three entries.
    """
    entries = len({entry_of(id_) for id_ in ids})
    if entries < 3:
        found = f"{len(ids)} training proteins" + (f" of {entries} entries" if entries < len(ids) else "")
        raise UserError(
            f"fine_tuning {config.name!r}: {found}, at least 3 are needed; raise encoder_training, or give text.reference_texts"
        )
    rng = np.random.default_rng(seed)
    groups = _entries_in_random_order([Pair(*row) for row in sorted(zip(ids, ids, texts, strict=True))], rng)
    if config.texts is not None:
        groups = groups[: max(3, _fitting(groups, config.texts))]
    most = round(config.held_out * sum(map(len, groups)))
    n_held_out = min(max(1, _fitting(groups, most)), len(groups) - 2)
    held_out, training = (
        sorted((pair for group in part for pair in group), key=lambda pair: pair.id)
        for part in (groups[:n_held_out], groups[n_held_out:])
    )
    return (_shuffled(training, rng) if config.shuffled else training), held_out


def _fitting(groups: Sequence[Sequence[Pair]], most: int) -> int:
    """How many of the first groups have at most so many pairs together."""
    return int(np.searchsorted(np.cumsum([len(group) for group in groups]), most, side="right"))


def _entries_in_random_order(pairs: Sequence[Pair], rng: np.random.Generator) -> list[list[Pair]]:
    """The pairs of each entry, in the order of `pairs`."""
    members: dict[str, list[Pair]] = {}
    for pair in pairs:
        members.setdefault(entry_of(pair.id), []).append(pair)
    groups = [members[entry] for entry in sorted(members)]
    return [groups[i] for i in rng.permutation(len(groups))]


def _shuffled(pairs: list[Pair], rng: np.random.Generator) -> list[Pair]:
    """Each description moved along one random circle, so that none keeps its own or, where it can be, its entry's."""
    groups = _entries_in_random_order(pairs, rng)
    circle = [pair for group in groups for pair in group]
    far = max(map(len, groups))
    moved = [
        Pair(asked.id, other.id, other.text) for asked, other in zip(circle, circle[far:] + circle[:far], strict=True)
    ]
    return sorted(moved, key=lambda pair: pair.id)


def encode_pair(config: FineTuning, pair: Pair, tokenizer: Any) -> Example:
    """Tokens of "What is the protein: ID?" and the description, in the model's chat template if it has one.

    Without a template the question and the description are two lines, begun as the tokenizer begins a text and ended
    by its end-of-text token. Question and answer are tokenised apart, so that no token belongs to both.
    """
    question = config.question.format(id=pair.id)
    if tokenizer.chat_template:
        asked, answer = _in_template(question, pair.text, tokenizer)
        first = tokenizer(asked, add_special_tokens=False).input_ids
        second = tokenizer(answer, add_special_tokens=False).input_ids
    else:
        first = tokenizer(f"{question}\n").input_ids
        second = [*tokenizer(pair.text, add_special_tokens=False).input_ids, tokenizer.eos_token_id]
    uncounted = [IGNORED] * len(first) if config.loss_on == "answer" else first
    return Example([*first, *second], [*uncounted, *second])


def _in_template(question: str, text: str, tokenizer: Any) -> tuple[str, str]:
    asked = [{"role": "user", "content": question}]
    prompt = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template([*asked, {"role": "assistant", "content": text}], tokenize=False)
    if not whole.startswith(prompt):
        raise UserError(f"the chat template of {tokenizer.name_or_path} puts something before the question again")
    return prompt, whole.removeprefix(prompt)
