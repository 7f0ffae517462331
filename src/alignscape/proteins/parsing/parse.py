"""One structure file as a `Structure` and its `ProteinFacts`: the only reader of structure files (law 1)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import gemmi
import numpy as np

from ...errors import ProteinRejected
from ..facts import Entity, ProteinFacts
from ..structure import Structure
from .entities import mmcif_entities, observed_chains, pdb_entities
from .mmcif_header import read_mmcif_header
from .pdb_header import PdbHeader, read_pdb_header
from .residues import Atoms, flatten, to_structure
from .structure_file import StructureText, read_structure_text

# gemmi reads what is no number as zero.
_BAD_COORDINATES = re.compile(r"^(?:ATOM  |HETATM)(?!.{24}[ \d.+-]{24}).*$", re.MULTILINE)

T = TypeVar("T")


@dataclass(frozen=True)
class _Entry:
    """One file before its polypeptides are picked out."""

    atoms: Atoms
    entities: list[Entity]
    title: str
    keywords: str
    method: str
    modified: Mapping[str, str]


def parse_structure(path: str | Path, *, id: str, sha256: str = "") -> tuple[Structure, ProteinFacts]:
    """The polypeptide residues of a PDB or mmCIF file's first model, and the entry's facts.

    sha256: of the file's bytes, for the facts, where it is known already.
    Raises ProteinRejected, with a reason for the ledger, where there is nothing to take.
    """
    source = read_structure_text(path)
    entry = (_read_pdb if source.format == "pdb" else _read_mmcif)(source)
    entity_of = {chain: e.number for e in entry.entities if e.kind == "polypeptide" for chain in e.chains_label}
    structure = to_structure(entry.atoms, id=id, modified=entry.modified, entity_of=entity_of)
    if structure.n_residues == 0:
        raise ProteinRejected(_nothing_found(entry.entities))
    return structure, _facts(structure, entry, sha256)


def _facts(structure: Structure, entry: _Entry, sha256: str) -> ProteinFacts:
    return ProteinFacts(
        id=structure.id,
        title=entry.title,
        keywords=entry.keywords,
        method=entry.method,
        entities=entry.entities,
        n_residues=structure.n_residues,
        n_ca=int(structure.has_ca.sum()),
        n_backbone=int(structure.has_backbone.sum()),
        n_atoms=structure.n_atoms,
        source_sha256=sha256,
    )


def _nothing_found(entities: Sequence[Entity]) -> str:
    kinds = {entity.kind for entity in entities}
    if "polypeptide" in kinds:
        return "no polypeptide residue has coordinates"
    if "nucleic acid" in kinds:
        return "no polypeptide: nothing but nucleic acid"
    return "no polypeptide: no chain of amino acids was found"


def _read_mmcif(source: StructureText) -> _Entry:
    block = _readable("mmCIF", lambda: gemmi.cif.read_string(source.text)[0])
    atoms = flatten(_prepared("mmCIF", lambda: gemmi.make_structure_from_block(block)), chains="label")
    header = read_mmcif_header(block)
    entities = mmcif_entities(header, observed_chains(atoms, header.modified))
    return _Entry(atoms, entities, header.title, header.keywords, header.method, header.modified)


def _read_pdb(source: StructureText) -> _Entry:
    unreadable = _BAD_COORDINATES.search(source.text)
    if unreadable:
        raise ProteinRejected(f"not readable as PDB: no coordinates in columns 31-54 of {unreadable[0].strip()!r}")
    header = read_pdb_header(source.text)
    structure = _prepared("PDB", lambda: gemmi.read_pdb_string(source.text, max_line_length=72 * header.numbered))
    _join_segments(structure[0])
    structure.assign_label_seq_id()
    atoms, header = _name_blank_chain(flatten(structure, chains="author"), header)
    entities = pdb_entities(header, observed_chains(atoms, header.modified))
    return _Entry(atoms, entities, header.title, header.keywords, header.method, header.modified)


def _readable(format_name: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except (RuntimeError, ValueError, IndexError) as error:
        raise ProteinRejected(f"not readable as {format_name}: {' '.join(str(error).split())}") from None


def _prepared(format_name: str, read: Callable[[], gemmi.Structure]) -> gemmi.Structure:
    structure = _readable(format_name, read)
    if len(structure) == 0 or structure[0].count_atom_sites() == 0:
        raise ProteinRejected(f"no atoms in the {format_name} file")
    structure.merge_chain_parts()
    structure.setup_entities()
    return structure


def _join_segments(model: gemmi.Model) -> None:
    """Make one residue of neighbours that differ in nothing but the segment name in columns 73-76."""
    for chain in model:
        for index in range(len(chain) - 1, 0, -1):
            first, second = chain[index - 1], chain[index]
            same = first.seqid == second.seqid and first.name == second.name
            if same and first.segment != second.segment:
                for atom in second:
                    first.add_atom(atom)
                del chain[index]


def _name_blank_chain(atoms: Atoms, header: PdbHeader) -> tuple[Atoms, PdbHeader]:
    """The same with a chain of no name called A, or the first letter that is free."""
    if "" not in atoms.chain_author and "" not in header.seqres:
        return atoms, header
    taken = {*atoms.chain_author.tolist(), *header.seqres}
    name = next(letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ_" if letter not in taken)
    label = np.where(atoms.chain_label == "", name, atoms.chain_label)
    seqres = {chain or name: residues for chain, residues in header.seqres.items()}
    return replace(atoms, chain_label=label, chain_author=label), replace(header, seqres=seqres)
