"""FASTA files as people have them: RCSB's, UniProt's, NCBI's, those of design programs, and any other name and sequence."""

import re
from dataclasses import dataclass

from ...errors import ProteinRejected

_IDENTITY = re.compile(r"(?P<id>[^|\s]+?)_(?P<entity>\d+)")
_CHAIN = re.compile(r"(?P<label>[^\s,\[\]]+)(?:\[auth (?P<author>[^\s,\[\]]+)\])?")
_TAXONOMY_ID = re.compile(r"\s*\((\d+)\)(?=\s*(?:,|$))")
_UNIPROT = re.compile(r"(?:sp|tr)\|(?P<accession>[^|\s]+)\|(?P<entry>\S*)\s*(?P<rest>.*)")
_UNIPROT_FIELD = re.compile(r"\s(OS|OX|GN|PE|SV)=")
_OF_ENTRY = re.compile(r"(?P<id>\w+)[:_](?P<chain>[A-Za-z0-9]{1,4})(?:\|.*|\s.*)?")
_ORGANISM_LAST = re.compile(r"\s+\[(?P<organism>[A-Z][^\[\]='\"]+)\]$")
_STATED_NOTHING = {"", "null", "none", "?", "."}


@dataclass(frozen=True)
class FastaRecord:
    """One sequence. `entity` is 0 and `chains` is empty where the header does not say whose it is."""

    id: str
    entity: int
    chains: tuple[tuple[str, str], ...]  # (label, author) of each
    name: str  # "" if not stated
    organism: str  # "" if not stated
    taxonomy_id: int | None
    sequence: str
    aliases: tuple[str, ...] = ()  # other ids of the sequence

    @property
    def header(self) -> str:
        """The record's header line, as RCSB writes it."""
        names = ", ".join(a if a == b else f"{a}[auth {b}]" for a, b in self.chains)
        organism = f"{self.organism} ({self.taxonomy_id})" if self.taxonomy_id is not None else self.organism
        plural = "s" if len(self.chains) > 1 else ""
        return f">{self.id}_{self.entity}|Chain{plural} {names}|{self.name}|{organism}"


def parse_fasta(text: str) -> list[FastaRecord]:
    """The records of a FASTA text, in order; one with several sequences, as designs of complexes have, is several records.

    Lines that begin with a semicolon are remarks, and an asterisk at a sequence's end is no residue. Raises
    ProteinRejected for a text that is no FASTA.
    """
    lines = [line for line in text.lstrip("\ufeff").replace("\r", "").split("\n") if not line.startswith(";")]
    parts = re.split(r"^>", "\n".join(lines), flags=re.MULTILINE)
    if len(parts) < 2 or parts[0].strip():
        raise ProteinRejected("no FASTA: expected '>' and a header first, found neither")
    return [record for part in parts[1:] for record in _records(*part.partition("\n")[::2])]


def of_protein(records: list[FastaRecord], id_: str) -> list[FastaRecord]:
    """The records that name a protein by its id."""
    wanted = id_.upper()
    return [record for record in records if wanted in {name.upper() for name in (record.id, *record.aliases)}]


def _records(header: str, body: str) -> list[FastaRecord]:
    sequences = [_residues(part) for part in re.split(r"[/:]", body)]
    sequences = [sequence for sequence in sequences if sequence] or [""]
    header = header.strip()
    read = _rcsb(header, sequences[0])
    if read is not None and len(sequences) == 1:
        return [read]
    return [_general(header, sequence) for sequence in sequences]


def _residues(body: str) -> str:
    """The letters of a sequence: no blanks, numbers, gaps or final asterisk."""
    return re.sub(r"[\s\d.\-]+", "", body).rstrip("*").replace("*", "X")


def _rcsb(header: str, sequence: str) -> FastaRecord | None:
    """A record of RCSB's own: `ID_ENTITY|Chain(s) list|name|organism (taxid)`; None for another header.

    A name may hold any character but '|': what stands between the second and the last bar is the name.
    """
    fields = header.split("|")
    identity = _IDENTITY.fullmatch(fields[0])
    chains = _chains(fields[1]) if len(fields) > 2 else None
    if identity is None or chains is None:
        return None
    organism, taxonomy_id = _organism(fields[-1] if len(fields) > 3 else "")
    return FastaRecord(
        id=identity["id"].upper(),
        entity=int(identity["entity"]),
        chains=chains,
        name=_stated("|".join(fields[2:-1] if len(fields) > 3 else fields[2:])),
        organism=organism,
        taxonomy_id=taxonomy_id,
        sequence=sequence,
    )


def _chains(field: str) -> tuple[tuple[str, str], ...] | None:
    match = re.fullmatch(r"Chains?\s+(.+)", field.strip())
    chains = [_CHAIN.fullmatch(item.strip()) for item in match[1].split(",")] if match else []
    if not chains or None in chains:
        return None
    return tuple((chain["label"], chain["author"] or chain["label"]) for chain in chains if chain)


def _organism(field: str) -> tuple[str, int | None]:
    """The organism, several joined by commas, and the first taxonomy id."""
    numbers = _TAXONOMY_ID.findall(field)
    return _stated(_TAXONOMY_ID.sub("", field)), int(numbers[0]) if numbers else None


def _general(header: str, sequence: str) -> FastaRecord:
    """A record of any other header: UniProt's and NCBI's say a name and an organism, the rest an id at most."""
    uniprot = _UNIPROT.fullmatch(header)
    if uniprot:
        name, *fields = _UNIPROT_FIELD.split(uniprot["rest"])
        says = dict(zip(fields[::2], fields[1::2], strict=True))
        taxonomy = says.get("OX", "").strip()
        aliases = (uniprot["entry"],) if uniprot["entry"] else ()
        return FastaRecord(
            uniprot["accession"], 0, (), _stated(name), _stated(says.get("OS", "")),
            int(taxonomy) if taxonomy.isdecimal() else None, sequence, aliases,
        )  # fmt: skip
    first = re.split(r"[\s,;|]", header, maxsplit=1)[0]
    entry = _OF_ENTRY.fullmatch(header)
    aliases = (entry["id"],) if entry and entry["id"] != first else ()
    ncbi = _ORGANISM_LAST.search(header)
    name = _stated(header[len(first) : ncbi.start()]) if ncbi else ""
    return FastaRecord(first, 0, (), name, _stated(ncbi["organism"]) if ncbi else "", None, sequence, aliases)


def _stated(value: str) -> str:
    value = " ".join(value.split())
    return "" if value.lower() in _STATED_NOTHING else value
