"""Converts the names and organisms of PDB headers, which are all capitals, to normal case."""

import re

from .spellings import FIXED, GREEK, PEOPLE, SHORT_WORDS

_ROMAN = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})[ABC]?")
_GENE_BEFORE = re.compile(r" (?:REPRESSOR|REGULATOR|OPERON|FAMILY|ANTITOXIN)\b")
_STRAIN_BEFORE = re.compile(r"(?:STRAIN|STR\.|SUBSTR\.|SP\.) $")
_WORD = re.compile(r"[A-Z0-9]+")
_NUCLEIC = re.compile(r"[0-9]'-\s*[DR]\(|\b[DR]NA \([0-9]'|\*[ACGTU]P\*")
_EC = re.compile(r"\s*\((?:E\.?\s?C\.?)[ :.]*[\d.\-]+\)", re.IGNORECASE)


def is_shouted(text: str) -> bool:
    """Whether a text is all capitals, and long enough for that to be no acronym."""
    return text == text.upper() and re.search(r"[A-Z]{4}", text) is not None


def write_name(name: str, *, organism: str = "") -> str:
    """A molecule's name for the middle of a sentence; nucleic acids' notations are left as they are.

    organism: its genus keeps its capital where the name holds it.
    """
    if _NUCLEIC.search(name):
        return re.sub(r"[0-9]'-\s*[DR]\(.*?\)\s*-\s*[0-9]'", lambda match: match[0].replace(" ", ""), name)
    name = _EC.sub("", _without_repeats(name)).strip(" ,;") or name
    if not is_shouted(name):
        return name
    inner = re.fullmatch(r"PROTEIN \((.+)\)", name)
    name = inner[1] if inner and _balanced(inner[1]) else name
    genus = organism.split()[0].upper() if organism.split() else ""
    text = _WORD.sub(lambda match: _word(match, name, genus), name)
    return re.sub(r"(?<=[a-z])'S\b", "'s", text)


def _balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


def _without_repeats(name: str) -> str:
    """Fusions name a part as often as it occurs, joined by bare commas; each is said once."""
    parts = re.split(r",(?=[A-Za-z])(?<=[A-Za-z0-9)]{3},)", name)
    return ", ".join(dict.fromkeys(part.strip() for part in parts))


def _word(match: re.Match[str], name: str, genus: str) -> str:
    word, before = match[0], name[: match.start()]
    if word == genus:
        return word.capitalize()
    if word in FIXED:
        return FIXED[word]
    if any(character.isdigit() for character in word):
        letters = re.fullmatch(r"([A-Z]+)(\d+)", word)
        return word.lower() if letters and (letters[1].lower() in GREEK or len(letters[1]) >= 5) else word
    if len(word) == 1:
        return word.lower() if before.endswith("CYTOCHROME ") else word
    if word.lower() in SHORT_WORDS:
        return word.lower()
    if _ROMAN.fullmatch(word) or not set(word) & set("AEIOUY") or len(word) <= 3:
        return word
    after = name[match.end() :]
    if len(word) <= 5 and before.endswith("(") and after.startswith(")"):
        return word  # an abbreviation
    ends = not after.strip(" )")
    if len(word) == 4 and (ends or _GENE_BEFORE.match(after)):
        return word[:3].capitalize() + word[3]  # RelE, TolC: how bacterial proteins are called after their genes
    return word.lower()


def write_organisms(organism: str) -> list[str]:
    """An organism, or several joined by commas, as taxonomists write them: Homo sapiens, Enterobacteria phage T4."""
    parts = [part.strip() for part in re.split(r",\s+(?![^(]*\))", organism) if part.strip()]
    return list(dict.fromkeys(_one_organism(part) if is_shouted(organism) else part for part in parts))


def _one_organism(organism: str) -> str:
    if organism in ("SYNTHETIC CONSTRUCT", "ARTIFICIAL GENE", "UNIDENTIFIED"):
        return organism.lower()

    def word(match: re.Match[str]) -> str:
        text, before = match[0], organism[: match.start()]
        if not before or before.endswith("SEROVAR ") or text in PEOPLE:
            return text.capitalize()
        if any(character.isdigit() for character in text) or len(text) == 1 or FIXED.get(text) == text:
            return text
        if text.lower() in SHORT_WORDS or text in ("STRAIN", "SUBSTR", "SEROVAR", "TYPE", "VIRUS"):
            return text.lower()
        code = not set(text) & set("AEIOUY") or (_STRAIN_BEFORE.search(before) is not None and len(text) <= 4)
        return text if code else text.lower()

    return _WORD.sub(word, organism)
