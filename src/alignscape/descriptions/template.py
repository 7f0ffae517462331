"""A protein put into words: the paper's template, its style for several entities, facts left out (paper-notes X1 to X4)."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from ..config.proteins import Droppable
from ..proteins.facts import Entity, ProteinFacts
from ..storage.ledger import Omission
from ..storage.plain_text import plain_line
from .letter_case import write_name, write_organisms

_KINDS = {"polypeptide": "", "nucleic acid": ", a nucleic acid,", "other": ", neither protein nor nucleic acid,"}
_NO_ORGANISM = {"", "unidentified", "unknown", "unclassified", "not stated", "null", "none"}


def describe(facts: ProteinFacts, *, drop: Collection[Droppable] = ()) -> str:
    """One protein in a few sentences, without its sequence.

    The paper's template for one entity; for several, each entity in turn in its style. `drop` leaves out the id, length,
    chains, organisms or names; the sentences stay whole.
    """
    kept = _Sentences(facts, frozenset(drop))
    opening, rest = kept.opening(), kept.rest()
    if not rest:
        return opening or "This is a protein."
    return f"{opening} Here is more information: {' '.join(rest)}" if opening else " ".join(rest)


def describe_each(
    proteins: Sequence[ProteinFacts], *, drop: Collection[Droppable] = ()
) -> tuple[list[ProteinFacts], list[str], list[Omission]]:
    """The proteins that could be described, their descriptions, and an omission for each of the others, whatever went wrong."""
    described, texts, omissions = [], [], []
    for facts in proteins:
        try:
            text = describe(facts, drop=drop)
        except Exception as error:
            said = " ".join(str(error).split())[:200]
            omissions.append(Omission(facts.id, "describe", "", f"unexpected {type(error).__name__}: {said}"))
            continue
        described.append(facts)
        texts.append(text)
    return described, texts, omissions


class _Sentences:
    """The sentences of one protein with some facts left out."""

    def __init__(self, facts: ProteinFacts, drop: frozenset[str]) -> None:
        self.facts, self.drop = facts, drop
        self.subject = "The protein structure" if "id" in drop else f"The protein structure {facts.id}"

    def opening(self) -> str:
        if "length" in self.drop:
            return ""
        return f"{self.subject} has a sequence length of {_count(self.facts.length, 'amino acid')}."

    def rest(self) -> list[str]:
        entities = self.facts.entities
        sentences = [self._chains(entities), *(self._entity(e, alone=len(entities) == 1) for e in entities)]
        sentences = [sentence for sentence in sentences if sentence]
        if "length" in self.drop and "chains" in self.drop and "id" not in self.drop:
            sentences.insert(0, f"This is the protein structure {self.facts.id}.")
        return sentences

    def _chains(self, entities: Sequence[Entity]) -> str:
        if "chains" in self.drop:
            return ""
        names = [name for entity in entities for name in chain_names(entity)]
        consists = f"consists of {_count(len(entities), 'entity')} and " if len(entities) > 1 else ""
        return f"{self.subject} {consists}involves the following {_plural('chain', len(names))}: {join_list(names)}."

    def _entity(self, entity: Entity, *, alone: bool) -> str:
        says = [part for part in (self._name(entity), self._organism(entity)) if part]
        if not says:
            return ""
        sentence = f"{'The protein' if alone else self._which(entity)} {' and '.join(says)}"
        return sentence if sentence.endswith(".") else f"{sentence}."  # Streptomyces sp.

    def _which(self, entity: Entity) -> str:
        names = chain_names(entity)
        chains = "" if "chains" in self.drop else f" ({_plural('chain', len(names))} {join_list(names)})"
        kind = _KINDS[entity.kind]
        return f"Entity {entity.number}{chains}{kind}"

    def _name(self, entity: Entity) -> str:
        if "name" in self.drop:
            return ""
        name = write_name(entity.name, organism=entity.organism)
        return f"is named {name}" if name else "has no stated name"

    def _organism(self, entity: Entity) -> str:
        if "organism" in self.drop:
            return ""
        known = _stated_organisms(entity.organism)
        if [name.lower() for name in known] == ["synthetic construct"]:
            return "is a synthetic construct"
        if not known:
            return "is derived from an organism that is not stated" if entity.kind == "polypeptide" else ""
        return f"is derived from the {_plural('organism', len(known))} {join_list(known)}"


def _stated_organisms(organism: str) -> list[str]:
    return [name for name in write_organisms(organism) if name.lower() not in _NO_ORGANISM]


def states_nothing(named: Iterable[tuple[str, str]]) -> bool:
    """Whether entities of these names and organisms give a description nothing but id, length and chains."""
    return not any(write_name(name, organism=organism) or _stated_organisms(organism) for name, organism in named)


def organisms(entity: Entity) -> list[str]:
    """The entity's organisms as its description writes them."""
    return write_organisms(entity.organism)


def chain_names(entity: Entity) -> list[str]:
    """How each chain is called: by its label, with the author's name where that differs, as RCSB writes it."""
    names = (map(plain_line, names) for names in (entity.chains_label, entity.chains_author))
    pairs = zip(*names, strict=True)
    return [label if label == author else f"{label} [auth {author}]" for label, author in pairs]


def join_list(items: Sequence[str]) -> str:
    """A, B and C."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else "none"


def _plural(word: str, n: int) -> str:
    return word if n == 1 else f"{word[:-1]}ies" if word.endswith("ty") else f"{word}s"


def _count(n: int, word: str) -> str:
    return f"{n} {_plural(word, n)}"


def description_row(facts: ProteinFacts, text: str, *, describer: str = "template") -> dict[str, Any]:
    """A line of a description shard: the text, who wrote it, and the facts it was made from."""
    return {"id": facts.id, "text": text, "describer": describer, "facts": facts.to_json()}
