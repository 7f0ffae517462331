"""The polymer entities of an entry, from its header where it has one and from its residues where not."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import gemmi
import numpy as np
from numpy.typing import NDArray

from ..facts import Entity, Kind
from .fasta import FastaRecord
from .mmcif_header import MmcifHeader
from .pdb_header import Molecule, PdbHeader
from .residues import Atoms, amino_acids


@dataclass(frozen=True)
class Chain:
    """One polymer chain: what it is made of, and in which order."""

    label: str
    author: str
    kind: Kind
    sequence: str


def letter(name: str, modified: Mapping[str, str]) -> str:
    """A residue's one-letter code, its parent's if it is modified; X if it has none."""
    code = gemmi.find_tabulated_residue(name).one_letter_code.strip()
    if not code and modified.get(name):
        code = gemmi.find_tabulated_residue(modified[name]).one_letter_code.strip()
    return code.upper() or "X"


def kind_of(names: Sequence[str]) -> Kind:
    """What most of the residues with these names are."""
    tables = [gemmi.find_tabulated_residue(name) for name in names]
    amino = sum(table.is_amino_acid() for table in tables)
    nucleic = sum(table.is_nucleic_acid() for table in tables)
    return "other" if amino == nucleic == 0 else "polypeptide" if amino >= nucleic else "nucleic acid"


def observed_chains(atoms: Atoms, modified: Mapping[str, str]) -> list[Chain]:
    """The polymer chains with coordinates, in the file's order, with the sequence that is seen."""
    amino = amino_acids(atoms)
    nucleic = atoms.polymer & _nucleic(atoms)
    labels, first = np.unique(atoms.chain_label, return_index=True)
    chains = []
    for index in np.argsort(first):
        own = (atoms.chain_label == labels[index]) & (amino | nucleic)
        if not own.any():
            continue
        kind: Kind = "polypeptide" if amino[own].sum() >= nucleic[own].sum() else "nucleic acid"
        sequence = "".join(letter(name, modified) for name in atoms.residue_name[own].tolist())
        chains.append(Chain(str(labels[index]), str(atoms.chain_author[first[index]]), kind, sequence))
    return chains


def _nucleic(atoms: Atoms) -> NDArray[np.bool_]:
    names, inverse = np.unique(atoms.residue_name, return_inverse=True)
    return np.array([gemmi.find_tabulated_residue(str(n)).is_nucleic_acid() for n in names], dtype=bool)[inverse]


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
        chains.append(Chain(name, name, kind, "".join(letter(residue, header.modified) for residue in residues)))
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


def mmcif_entities(header: MmcifHeader, observed: Sequence[Chain]) -> list[Entity]:
    """Entities of an mmCIF file: its own, or, where it states none, chains of equal sequence."""
    if not header.polymers:
        return pdb_entities(PdbHeader("", "", "", [], {}, {}), observed)
    seen = {chain.label: chain for chain in observed}
    entities = []
    for number, polymer in enumerate(header.polymers, start=1):
        authors = zip(polymer.chains_label, polymer.chains_author, strict=True)
        sequences = [polymer.sequence, *(seen[label].sequence for label in polymer.chains_label if label in seen)]
        entities.append(
            Entity(
                number=number,
                kind=polymer.kind,
                chains_label=polymer.chains_label,
                chains_author=[seen[label].author if label in seen else author for label, author in authors],
                name=polymer.name,
                organism=", ".join(polymer.organisms),
                taxonomy_id=polymer.taxonomy_id,
                sequence=next((sequence for sequence in sequences if sequence), ""),
                ec=polymer.ec,
            )
        )
    return entities


def with_fasta(entities: Sequence[Entity], records: Sequence[FastaRecord]) -> list[Entity]:
    """The entities as a FASTA file has them: its numbers, names, organisms and sequences; EC numbers from the file's own.

    What a record leaves empty is taken from the file's entity of the same chains; entities without a record follow.
    """
    merged = [_of_record(record, _sharing_chains(record, entities)) for record in records]
    known = {author for entity in merged for author in entity.chains_author}
    rest = [entity for entity in entities if not known & set(entity.chains_author)]
    return [replace(entity, number=i) for i, entity in enumerate([*merged, *rest], start=1)]


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
