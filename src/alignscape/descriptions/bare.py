"""Descriptions that carry nothing but id, length and chains, as those of models without a header: how many, and what to do."""

from collections.abc import Iterable, Mapping
from typing import Any

from .template import states_nothing

REMEDY = (
    "put a FASTA file beside the structures, with their sequences under headers such as >sp|ID|ID Name OS=Organism, "
    "and the descriptions say name and organism"
)


def bare_ids(proteins: Iterable[Mapping[str, Any]]) -> list[str]:
    """Ids of the proteins of which no entity has a name or an organism; proteins: facts as JSON has them."""
    return [
        str(facts["id"]) for facts in proteins if states_nothing((e["name"], e["organism"]) for e in facts["entities"])
    ]


def bare_sentence(n_bare: int, n: int) -> str:
    """How many of `n` descriptions are bare, and what that means."""
    some = "the description" if n_bare == n == 1 else f"{n_bare:,} of {n:,} descriptions"
    carry = "carries" if n_bare == 1 else "carry"
    return (
        f"{some} {carry} nothing but id, length and chains, because the files state no name and no organism: "
        "a language model learns no more from them than that"
    )
