"""What `text.drop` takes out of a text that a person wrote: the protein's own facts, where the text states them word for word.

Other words for the same thing stay: no list knows them all.
"""

import re
from collections.abc import Collection, Iterable

from ..config.proteins import Droppable
from ..proteins.facts import ProteinFacts
from ..proteins.ids import entry_of
from .letter_case import write_name
from .template import chain_names, organisms

_RESIDUES = r"(?:amino[ -]acids?|amino[ -]acid residues?|residues?|aa)"
_AND = r"\s*(?:,|and|or|&|/)\s*(?:and\s+|or\s+)?"


def mask_facts(text: str, facts: ProteinFacts, drop: Collection[Droppable]) -> str:
    """The text without the dropped facts: words in their place keep the sentences whole.

    The id becomes `this protein`, a name `the protein`, an organism `an organism`; a length loses its number, chains their
    names. Upper and lower case are one.
    """
    if "name" in drop:
        text = _replace(text, _names(facts), "the protein")
    if "organism" in drop:
        text = _replace(text, (name for entity in facts.entities for name in organisms(entity)), "an organism")
    if "id" in drop:
        text = _replace(text, (facts.id, entry_of(facts.id)), "this protein")
    if "length" in drop:
        text = _without_lengths(text, facts)
    if "chains" in drop:
        text = _without_chains(text, facts)
    return text


def _names(facts: ProteinFacts) -> Iterable[str]:
    for entity in facts.entities:
        yield from (entity.name, write_name(entity.name, organism=entity.organism))


def _replace(text: str, words: Iterable[str], by: str) -> str:
    """The text with each of the words, longest first and as whole words, replaced."""
    for word in sorted({word for word in words if word}, key=lambda word: (-len(word), word)):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", by, text, flags=re.IGNORECASE)
    return text


def _without_lengths(text: str, facts: ProteinFacts) -> str:
    lengths = {facts.length, facts.total_length, facts.n_residues, *(len(entity.sequence) for entity in facts.entities)}
    numbers = "|".join(re.escape(form) for n in lengths for form in {str(n), f"{n:,}"})
    return re.sub(rf"(?<![\w.,])(?:{numbers})[ -]({_RESIDUES})(?!\w)", r"\1", text, flags=re.IGNORECASE)


def _without_chains(text: str, facts: ProteinFacts) -> str:
    labels = {
        name
        for entity in facts.entities
        for name in (*entity.chains_label, *entity.chains_author, *chain_names(entity))
    }
    known = "|".join(re.escape(name) for name in sorted(labels, key=len, reverse=True)) or "(?!)"
    return re.sub(rf"(?<!\w)((?i:chains?))\s+(?:{known})(?:{_AND}(?:{known}))*(?!\w)", r"\1", text)
