"""The polymer entities of an entry, from its header where it has one and from its residues where not."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..facts import Entity, Kind
from .amino_acids import is_amino_acid, is_nucleotide, letter, letters
from .fasta import FastaRecord
from .mmcif_header import MmcifHeader, PolymerRecord
from .pdb_header import Molecule, PdbHeader
from .polymer_atoms import Polymers
from .positions import sequence_fits

_MOST = 50  # records of a FASTA file that are aligned with an entity; more are a data base


@dataclass(frozen=True)
class Chain:
    """One polymer chain: what it is made of, and in which order."""

    label: str
    author: str
    kind: Kind
    sequence: str


def kind_of(names: Sequence[str]) -> Kind:
    """What most of the residues with these names are."""
    counts = Counter(names)
    amino = sum(count for name, count in counts.items() if is_amino_acid(name))
    nucleic = sum(count for name, count in counts.items() if is_nucleotide(name))
    return "other" if amino == nucleic == 0 else "polypeptide" if amino >= nucleic else "nucleic acid"


def observed_chains(polymers: Polymers, modified: Mapping[str, str]) -> list[Chain]:
    """The polymer chains of a model, in the file's order, with the sequence that the model names."""
    atoms, chains = polymers.atoms, []
    letters = np.array([letter(name, modified) for name in atoms.residue_name.values] or [""], dtype="U1")
    letters = letters[atoms.residue_name.codes]
    labels, authors = atoms.residue_label.tolist(), atoms.residue_author.tolist()
    for part in range(int(polymers.part.max(initial=-1)) + 1):
        own = np.flatnonzero(polymers.part == part)
        kind: Kind = "polypeptide" if 2 * polymers.amino[own].sum() >= len(own) else "nucleic acid"
        chains.append(Chain(labels[own[0]], authors[own[0]], kind, "".join(letters[own].tolist())))
    return chains


def pdb_entities(header: PdbHeader, observed: Sequence[Chain]) -> list[Entity]:
    """Entities of a PDB file: chains of one molecule with one SEQRES; one MOL_ID over several sequences is several.

    Without SEQRES the observed sequences of a molecule's chains differ by what is disordered, so the longest stands for
    all; without COMPND chains of equal sequence are one entity.
    """
    chains = _with_seqres(header, observed)
    groups: dict[tuple[int, str], list[Chain]] = {}
    for chain in chains:
        number = _molecule_of(chain, header.molecules)
        splits = chain.author in header.seqres or number == len(header.molecules)
        groups.setdefault((number, chain.sequence if splits else ""), []).append(chain)
    nameless = Molecule(chains=[])
    ordered = sorted(groups.items(), key=lambda item: item[0][0])  # stable: within a molecule the file's order
    return [
        _entity(i, members, header.molecules[number] if number < len(header.molecules) else nameless)
        for i, ((number, _), members) in enumerate(ordered, start=1)
    ]


def _with_seqres(header: PdbHeader, observed: Sequence[Chain]) -> list[Chain]:
    """Chains of SEQRES, in its order, then those that only have coordinates."""
    seen = {chain.author: chain for chain in observed}
    chains = []
    for name, residues in header.seqres.items():
        kind = kind_of(residues)
        if kind == "other" and name in seen:
            kind = seen[name].kind
        chains.append(Chain(name, name, kind, letters(residues, header.modified)))
    return chains + [chain for chain in observed if chain.author not in header.seqres]


def _molecule_of(chain: Chain, molecules: Sequence[Molecule]) -> int:
    """Index of the chain's molecule; one that names no chains has them all; len(molecules) if there is none."""
    for number, molecule in enumerate(molecules):
        if chain.author in molecule.chains or (len(molecules) == 1 and not molecule.chains):
            return number
    return len(molecules)


def _entity(number: int, members: Sequence[Chain], molecule: Molecule) -> Entity:
    if not molecule.chains and members[0].kind == "nucleic acid":
        molecule = Molecule(chains=[])  # free text of before 1996 speaks of the protein
    return Entity(
        number=number,
        kind=members[0].kind,
        chains_label=[chain.label for chain in members],
        chains_author=[chain.author for chain in members],
        name=molecule.name,
        organism=molecule.organism,
        taxonomy_id=molecule.taxonomy_id,
        sequence=max((chain.sequence for chain in members), key=len),
        ec=list(molecule.ec),
    )


def mmcif_entities(header: MmcifHeader, observed: Sequence[Chain], entity_of_label: Mapping[str, str]) -> list[Entity]:
    """Entities of an mmCIF file: its own, as far as the atoms agree, then chains of equal sequence that it does not name.

    entity_of_label: `label_entity_id` by chain label, as the atoms have it.
    """
    seen = {chain.label: chain for chain in observed}
    polymers = _renamed_chains(header.polymers, seen, entity_of_label)
    entities = [_of_polymer(number, polymer, seen) for number, polymer in enumerate(polymers, start=1)]
    known = {label for polymer in polymers for label in polymer.chains_label}
    others = pdb_entities(PdbHeader("", "", "", [], {}, {}), [chain for chain in observed if chain.label not in known])
    return entities + [replace(entity, number=len(entities) + entity.number) for entity in others]


def _renamed_chains(
    polymers: Sequence[PolymerRecord], seen: Mapping[str, Chain], entity_of_label: Mapping[str, str]
) -> list[PolymerRecord]:
    """The polymers with the chains that the atoms have, where the header calls them otherwise; without those of none."""
    stated = {label for polymer in polymers for label in polymer.chains_label}
    strange = [chain for label, chain in seen.items() if label not in stated]
    if not strange:
        return list(polymers)
    renamed = []
    for polymer in polymers:
        own = [chain for chain in strange if entity_of_label.get(chain.label) == polymer.id]
        kept = [i for i, label in enumerate(polymer.chains_label) if label in seen]
        labels = [polymer.chains_label[i] for i in kept] + [chain.label for chain in own]
        authors = [polymer.chains_author[i] for i in kept] + [chain.author for chain in own]
        if labels:
            renamed.append(replace(polymer, chains_label=labels, chains_author=authors))
    return renamed


def _of_polymer(number: int, polymer: PolymerRecord, seen: Mapping[str, Chain]) -> Entity:
    chains = [seen[label] for label in polymer.chains_label if label in seen]
    longest = max((chain.sequence for chain in chains), key=len, default="")
    kinds = {chain.kind for chain in chains if chain.sequence}
    authors = zip(polymer.chains_label, polymer.chains_author, strict=True)
    return Entity(
        number=number,
        kind=kinds.pop() if len(kinds) == 1 else polymer.kind,
        chains_label=polymer.chains_label,
        chains_author=[seen[label].author if label in seen else author for label, author in authors],
        name=polymer.name,
        organism=", ".join(polymer.organisms),
        taxonomy_id=polymer.taxonomy_id,
        sequence=polymer.sequence if polymer.sequence and sequence_fits(longest, polymer.sequence) else longest,
        ec=polymer.ec,
    )


def with_fasta(entities: Sequence[Entity], records: Sequence[FastaRecord]) -> list[Entity]:
    """The entities as a FASTA file has them: its numbers, names, organisms and sequences; EC numbers from the file's own.

    What a record leaves empty is taken from the file's entity of the same chains; entities without a record follow. A
    record that names no chains is the entity's whose sequence it has.
    """
    stated = [record for record in records if record.chains]
    merged = [_of_record(record, _sharing_chains(record, entities)) for record in stated]
    known = {author for entity in merged for author in entity.chains_author}
    others = [record for record in records if not record.chains and record.sequence]
    rest = [_by_sequence(entity, others) for entity in entities if not known & set(entity.chains_author)]
    return [replace(entity, number=i) for i, entity in enumerate([*merged, *rest], start=1)]


def _by_sequence(entity: Entity, records: Sequence[FastaRecord]) -> Entity:
    """The entity with the sequence, name and organism of the first record that is its, an equal one before a similar one."""
    if entity.kind != "polypeptide":
        return entity
    equal = (record for record in records if record.sequence.upper() == entity.sequence)
    similar = (record for record in records[:_MOST] if sequence_fits(entity.sequence, record.sequence.upper()))
    record = next(equal, None) or next(similar, None)
    if record is None:
        return entity
    return replace(
        entity,
        name=record.name or entity.name,
        organism=record.organism or entity.organism,
        taxonomy_id=entity.taxonomy_id if record.taxonomy_id is None else record.taxonomy_id,
        sequence=record.sequence.upper(),
    )


def _sharing_chains(record: FastaRecord, entities: Sequence[Entity]) -> Entity | None:
    authors = {author for _, author in record.chains}
    return max(
        (entity for entity in entities if authors & set(entity.chains_author)),
        key=lambda entity: len(authors & set(entity.chains_author)),
        default=None,
    )


def _of_record(record: FastaRecord, own: Entity | None) -> Entity:
    nucleic = set(record.sequence.upper()) <= set("ACGTUNX") and re.search(r"[DR]NA|[DR]\(", record.name) is not None
    return Entity(
        number=record.entity,
        kind=own.kind if own else "nucleic acid" if nucleic else "polypeptide",
        chains_label=[label for label, _ in record.chains],
        chains_author=[author for _, author in record.chains],
        name=record.name or (own.name if own else ""),
        organism=record.organism or (own.organism if own else ""),
        taxonomy_id=record.taxonomy_id if record.taxonomy_id is not None or own is None else own.taxonomy_id,
        sequence=record.sequence.upper() or (own.sequence if own else ""),
        ec=list(own.ec) if own else [],
    )
