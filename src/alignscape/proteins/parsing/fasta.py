"""RCSB's FASTA files: `>ID_ENTITY|Chain(s) list|description|organism (taxid)` and a sequence."""

import re
from dataclasses import dataclass

from ...errors import ProteinRejected

_IDENTITY = re.compile(r"(?P<id>[^|\s]+?)_(?P<entity>\d+)")
_CHAIN = re.compile(r"(?P<label>[^\s,\[\]]+)(?:\[auth (?P<author>[^\s,\[\]]+)\])?")
_TAXONOMY_ID = re.compile(r"\s*\((\d+)\)(?=\s*(?:,|$))")
_STATED_NOTHING = {"", "null", "none", "?", "."}


@dataclass(frozen=True)
class FastaRecord:
    """One entity of an entry."""

    id: str
    entity: int
    chains: tuple[tuple[str, str], ...]  # (label, author) of each
    name: str  # "" if not stated
    organism: str  # "" if not stated
    taxonomy_id: int | None
    sequence: str

    @property
    def header(self) -> str:
        """The record's header line, as RCSB writes it."""
        names = ", ".join(a if a == b else f"{a}[auth {b}]" for a, b in self.chains)
        organism = f"{self.organism} ({self.taxonomy_id})" if self.taxonomy_id is not None else self.organism
        plural = "s" if len(self.chains) > 1 else ""
        return f">{self.id}_{self.entity}|Chain{plural} {names}|{self.name}|{organism}"


def parse_fasta(text: str) -> list[FastaRecord]:
    """The records of an entry's FASTA text, in order.

    Raises ProteinRejected for a text that is no FASTA, or a header outside the grammar.
    """
    parts = re.split(r"^>", text.replace("\r", ""), flags=re.MULTILINE)
    if len(parts) < 2 or parts[0].strip():
        raise ProteinRejected(f"not FASTA: expected '>' first, found {text.strip()[:40]!r}")
    return [_record(*part.partition("\n")[::2]) for part in parts[1:]]


def _record(header: str, sequence: str) -> FastaRecord:
    """A name may hold any character but '|': what stands between the second and the last bar is the name."""
    fields = header.strip().split("|")
    identity = _IDENTITY.fullmatch(fields[0])
    if identity is None or len(fields) < 3:
        raise ProteinRejected(f"FASTA header: expected ID_ENTITY|Chain(s) ...|name|organism, found {header.strip()!r}")
    organism, taxonomy_id = _organism(fields[-1] if len(fields) > 3 else "")
    return FastaRecord(
        id=identity["id"].upper(),
        entity=int(identity["entity"]),
        chains=_chains(fields[1]),
        name=_stated("|".join(fields[2:-1] if len(fields) > 3 else fields[2:])),
        organism=organism,
        taxonomy_id=taxonomy_id,
        sequence=re.sub(r"\s+", "", sequence),
    )


def _chains(field: str) -> tuple[tuple[str, str], ...]:
    match = re.fullmatch(r"Chains?\s+(.+)", field.strip())
    items = [item.strip() for item in match[1].split(",")] if match else []
    chains = [_CHAIN.fullmatch(item) for item in items]
    if not chains or None in chains:
        raise ProteinRejected(f"FASTA header: expected 'Chain A' or 'Chains A, B[auth C]', found {field!r}")
    return tuple((chain["label"], chain["author"] or chain["label"]) for chain in chains if chain)


def _organism(field: str) -> tuple[str, int | None]:
    """The organism, several joined by commas, and the first taxonomy id."""
    numbers = _TAXONOMY_ID.findall(field)
    return _stated(_TAXONOMY_ID.sub("", field)), int(numbers[0]) if numbers else None


def _stated(value: str) -> str:
    value = " ".join(value.split())
    return "" if value.lower() in _STATED_NOTHING else value
