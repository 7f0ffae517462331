"""Whether a written description says what the entry's header says, and nothing of another entry."""

import re
from collections.abc import Collection
from dataclasses import dataclass

# A tag counts before it is closed, which a page may do.
_MARKUP = re.compile(
    r"<[A-Za-z/!][^<>]*>?|&(?:[a-z]+|#\d+|#x[0-9a-f]+);|`{2,}|\*\*|\]\(\s*[/#.]|^\s*#", re.MULTILINE | re.IGNORECASE
)
_LINK = re.compile(r"\b[a-z][a-z0-9+.-]*://\S*|\bwww\.\S+|\b(?:mailto|javascript|data):\S+", re.IGNORECASE)
_WORDS, _WORDS_A_WORD = 150, 3  # an answer may have so many, and so many more for each word that it was told
_PDB_ID = re.compile(r"(?<![A-Za-z0-9])[1-9](?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{3}(?![A-Za-z0-9])")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|kda|kd|mer|aa)", re.IGNORECASE)
_CHAIN = r"[A-Za-z0-9]+(?:\s*[\[(]\s*auth(?:or)?\s+(?:chain\s+)?[A-Za-z0-9]+\s*[\])])?"
_JOIN = r"(?:\s*,\s*and\s+|\s*[,;&/]\s*|\s+and\s+)"
_CHAIN_LIST = re.compile(rf"\bchains?\s+({_CHAIN}(?:{_JOIN}{_CHAIN})*)", re.IGNORECASE)


@dataclass(frozen=True)
class Demand:
    """What an answer has to contain."""

    id: str
    opening: str  # "" where the text may start as it likes
    chains: tuple[str, ...]
    names: tuple[str, ...]
    organisms: tuple[str, ...]


def complaints(text: str, demand: Demand, *, header: str) -> list[str]:
    """What is wrong with an answer, each in a few words; empty for a good one.

    `header` is what the endpoint was told: a word of it that looks like a PDB id is none.
    """
    found = []
    if not text.startswith(demand.opening):
        found.append(f"it does not start with {demand.opening!r}")
    if match := _MARKUP.search(text):
        found.append(f"it contains markup, {match.group()[:30]!r}")
    if match := _LINK.search(text):
        found.append(f"it contains a link, {match.group()[:30]!r}")
    if "\ufffd" in text:
        found.append("it contains half a character")
    if (n := len(text.split())) > (most := _WORDS + _WORDS_A_WORD * len(header.split())):
        found.append(f"it has {n} words, more than {most}")
    found += _absent("chain", demand.chains, mentioned_chains(text))
    found += [f"it lacks the name {name!r}" for name in demand.names if _letters(name) not in _letters(text)]
    found += [f"it lacks the organism {o!r}" for o in demand.organisms if _letters(o) not in _letters(text)]
    if others := other_pdb_ids(text, own=demand.id, header=header):
        found.append(f"it mentions {', '.join(others)}")
    return found


def _absent(kind: str, wanted: Collection[str], present: Collection[str]) -> list[str]:
    missing = [name for name in wanted if name not in present]
    return [f"it lacks {kind} {', '.join(missing)}"] if missing else []


def mentioned_chains(text: str) -> set[str]:
    """Names in the lists that follow the word "chain" or "chains"; the article "a" elsewhere is no chain."""
    return {word for names in _CHAIN_LIST.findall(text) for word in re.findall(r"[A-Za-z0-9]+", names)}


def other_pdb_ids(text: str, *, own: str, header: str) -> list[str]:
    """Words of four letters and digits that look like an id, are not `own` and are not in the header."""
    known = {own.upper(), *(word.upper() for word in re.findall(r"[A-Za-z0-9]+", header))}
    words = {word for word in _PDB_ID.findall(text) if word.upper() not in known and not _ORDINAL.fullmatch(word)}
    return sorted(words)


def _letters(text: str) -> str:
    """Letters and digits only, in lower case: spacing, hyphens and shouting do not count."""
    return "".join(character for character in text.casefold() if character.isalnum())


def molecule_names(name: str) -> list[str]:
    """The distinct names of an entity: a comma without a space joins the parts of a fusion, but not 1,4-glucan."""
    parts = re.split(r"(?<=[A-Za-z0-9)]{3}),(?=[A-Za-z0-9])", name)
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))
