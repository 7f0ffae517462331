"""The category of a protein: its cleaned molecule name and organism."""

import re

from ...proteins.facts import ProteinFacts

# Old entries call every molecule PROTEIN and put its name in parentheses.
_WRAPPED = re.compile(r"^(?:protein|enzyme|polypeptide)\s*\((.+)\)$", re.IGNORECASE)
_NO_NAME = {"", "protein", "unknown", "unknown protein", "uncharacterized protein", "hypothetical protein"}


def clean(text: str) -> str:
    """A name without case, punctuation and wrapping: `PROTEIN (UBIQUITIN)` and `Ubiquitin` are the same."""
    unwrapped = _WRAPPED.sub(r"\1", " ".join(text.split()))
    return " ".join(re.findall(r"[^\W_]+", unwrapped.casefold()))


def categories(facts: ProteinFacts) -> list[str]:
    """`name | organism` of each polypeptide entity that has a telling name, sorted, each once."""
    named = [(clean(e.name), clean(e.organism or "")) for e in facts.polypeptides]
    return sorted({f"{name} | {organism}" for name, organism in named if name not in _NO_NAME})
