"""What an entry says about its protein: entities, chains, names, organisms, sequences, and counts of what was observed."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ..storage.plain_text import plain_line

LONGEST_NAME, LONGEST_TITLE = 1000, 2000  # characters; the longest of the archive are far shorter
Kind = Literal["polypeptide", "nucleic acid", "other"]
BFactors = Literal["experiment", "plddt", "not stated"]  # what a file says that its B factors are


@dataclass(frozen=True)
class Entity:
    """One distinct polymer of an entry; its chains are copies of it. Name and organism are one line, whatever a file says."""

    number: int  # 1-based
    kind: Kind
    chains_label: list[str]  # mmCIF label_asym_id; the author's names where there are none
    chains_author: list[str]  # the author's name of each, in the same order
    name: str  # "" if not stated
    organism: str  # "" if not stated; several, for a fusion, joined by ", "
    taxonomy_id: int | None
    sequence: str  # one letter per residue, X for what has none; the observed one if the file states no other
    ec: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        _in_a_line(self, LONGEST_NAME, "name", "organism")


@dataclass(frozen=True)
class LeftOut:
    """Atoms or residues of the protein that the file names and the structure lacks, for one reason."""

    count: int
    what: Literal["atom", "residue"]
    reason: str

    def __str__(self) -> str:
        plural = "s" if self.count > 1 else ""
        return f"{self.count} {self.what}{plural}: {self.reason}"


@dataclass(frozen=True)
class ProteinFacts:
    """The facts of one entry. Counts of residues and atoms are of the parsed `Structure`."""

    id: str
    title: str
    keywords: str
    method: str
    entities: list[Entity]
    n_residues: int  # observed
    n_ca: int  # residues with a C-alpha
    n_backbone: int  # residues with N, CA, C and O
    n_atoms: int
    source_sha256: str  # of the file's bytes, compressed if it is; "" where nobody asked for it
    lost: list[LeftOut] = field(default_factory=list)
    b_factors: BFactors = "not stated"

    def __post_init__(self) -> None:
        _in_a_line(self, LONGEST_TITLE, "title", "keywords", "method")

    @property
    def polypeptides(self) -> list[Entity]:
        """The polypeptide entities."""
        return [entity for entity in self.entities if entity.kind == "polypeptide"]

    @property
    def length(self) -> int:
        """Amino acids of the polypeptide entities, each entity once (paper-notes P6)."""
        return sum(len(entity.sequence) for entity in self.polypeptides)

    @property
    def total_length(self) -> int:
        """Amino acids of all polypeptide chains."""
        return sum(len(entity.sequence) * len(entity.chains_author) for entity in self.polypeptides)

    @property
    def n_entities(self) -> int:
        """Polymer entities, nucleic acids among them: the records of the entry's FASTA file (paper-notes P5)."""
        return len(self.entities)

    @property
    def n_chains(self) -> int:
        """Polypeptide chains."""
        return sum(len(entity.chains_author) for entity in self.polypeptides)

    @property
    def ec(self) -> list[str]:
        """The distinct EC numbers of the polypeptides, sorted."""
        return sorted({number for entity in self.polypeptides for number in entity.ec})

    def to_json(self) -> dict[str, Any]:
        """A plain dict, with the derived counts beside the fields for whoever reads the file."""
        derived = {name: getattr(self, name) for name in ("length", "total_length", "n_entities", "n_chains", "ec")}
        return asdict(self) | derived

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "ProteinFacts":
        """The facts of `to_json`'s dict; derived counts are computed anew."""
        own = {name: values[name] for name in cls.__dataclass_fields__}
        entities = [Entity(**entity) for entity in values["entities"]]
        return cls(**own | {"entities": entities, "lost": [LeftOut(**lost) for lost in values["lost"]]})


def _in_a_line(facts: Entity | ProteinFacts, most: int, *fields: str) -> None:
    """Text of a file made one line of what can be seen, so that it cannot pass for anything but itself further on."""
    for name in fields:
        object.__setattr__(facts, name, plain_line(getattr(facts, name), most=most))
