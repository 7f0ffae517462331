"""One structure file as a `Structure` and its `ProteinFacts`: the only reader of structure files (docs/design.md, law 1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import gemmi
import numpy as np
from numpy.typing import NDArray

from ...config.proteins import MOST_ATOMS
from ...errors import ProteinRejected
from ..facts import BFactors, Entity, LeftOut, ProteinFacts
from ..structure import Structure
from .atom_table import AtomTable, Lost
from .believed_header import with_names, with_positions
from .binary_cif import read_binary_cif
from .chains import free_names, with_chain_names
from .entities import mmcif_entities, observed_chains, pdb_entities
from .mmcif_atoms import read_mmcif_atoms
from .mmcif_header import read_mmcif_header
from .pdb_atoms import read_pdb_atoms
from .pdb_header import first_atom_line, read_pdb_header
from .plddt import NO_MASK, PlddtMask, mmcif_b_factors, pdb_b_factors, residue_plddt
from .polymer_atoms import Polymers, read_polymers
from .residues import to_structure
from .structure_file import StructureContent, read_structure_file

T = TypeVar("T")


@dataclass(frozen=True)
class _Entry:
    """One file before its polypeptides are picked out."""

    polymers: Polymers
    positions: NDArray[np.int32]
    entities: list[Entity]
    title: str
    keywords: str
    method: str
    modified: Mapping[str, str]
    lost: list[LeftOut]
    b_factors: BFactors


def parse_structure(
    path: str | Path, *, id: str, sha256: str = "", mask: PlddtMask = NO_MASK, most_atoms: int = MOST_ATOMS
) -> tuple[Structure, ProteinFacts]:
    """The polypeptide residues of a PDB or mmCIF file's first model that has any, and the entry's facts.

    sha256: of the file's bytes, for the facts, where it is known already. mask: which residues of a predicted model are
    left out, and counted in the facts; none if absent. most_atoms: that the file may have, counted over all models.
    Raises ProteinRejected, with a reason for the ledger, where there is nothing to take, and for whatever else goes wrong:
    no file may cost another its place.
    """
    try:
        return _parse(path, id, sha256, mask, most_atoms)
    except ProteinRejected:
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        raise ProteinRejected(f"the parser failed: {type(error).__name__}: {said}") from error


def _parse(path: str | Path, id: str, sha256: str, mask: PlddtMask, most_atoms: int) -> tuple[Structure, ProteinFacts]:
    source = read_structure_file(path, most_atoms=most_atoms)
    entry = _read_pdb(source) if source.format == "pdb" else _read_mmcif(source, most_atoms)
    keep = _observed_amino_acids(entry)
    if not keep.any():
        raise ProteinRejected(_nothing_found(entry))
    plddt = residue_plddt(entry.polymers.atoms, entry.b_factors, mask)
    if mask.below is not None and (masked := keep & (plddt < mask.below)).any():
        entry = _without(entry, masked, mask.below)
        keep &= ~masked
    structure = _structure(entry, keep, plddt, id)
    return structure, _facts(structure, entry, sha256)


def _observed_amino_acids(entry: _Entry) -> NDArray[np.bool_]:
    """(r,) the residues of the entry's polypeptides that have an atom."""
    named = {label for e in entry.entities if e.kind == "polypeptide" for label in e.chains_label}
    polymers = entry.polymers
    return polymers.amino & polymers.observed & polymers.atoms.residue_label.each(lambda label: label in named, bool)


def _without(entry: _Entry, masked: NDArray[np.bool_], below: float) -> _Entry:
    """The entry with its masked residues counted as lost. Raises ProteinRejected where none is left."""
    if masked.sum() == _observed_amino_acids(entry).sum():
        raise ProteinRejected(f"no residue has a pLDDT of {below:g} or more")
    lost = LeftOut(int(masked.sum()), "residue", f"pLDDT below {below:g}")
    return replace(entry, lost=[*entry.lost, lost])


def _structure(entry: _Entry, keep: NDArray[np.bool_], plddt: NDArray[np.float64], id: str) -> Structure:
    """The residues that are kept, with their pLDDT."""
    number = {label: e.number for e in entry.entities if e.kind == "polypeptide" for label in e.chains_label}
    atoms = entry.polymers.atoms
    if not keep.all():
        atoms = atoms.select(keep)
    return to_structure(atoms, entry.positions[keep], plddt[keep], id=id, modified=entry.modified, entity_of=number)


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
        lost=entry.lost,
        b_factors=entry.b_factors,
    )


def _nothing_found(entry: _Entry) -> str:
    if entry.polymers.amino.any() or any(entity.kind == "polypeptide" for entity in entry.entities):
        return "no polypeptide residue has coordinates"
    if not entry.polymers.amino.all() or any(entity.kind == "nucleic acid" for entity in entry.entities):
        return "no polypeptide: nothing but nucleic acid"
    return "no polypeptide: no chain of amino acids was found"


def _read_pdb(source: StructureContent) -> _Entry:
    header, lost = read_pdb_header(source.text), Lost()
    table = read_pdb_atoms(source.text, numbered=header.numbered, lost=lost)
    if not np.isfinite(table.xyz).all(axis=1).any():
        line = source.text[first_atom_line(source.text) :].partition("\n")[0]
        raise ProteinRejected(f"not readable as PDB: no coordinates in columns 31-54 of {line.strip()!r}")
    polymers, lost = read_polymers(table, lost)
    polymers, header = with_names(polymers, header)
    positions, header = with_positions(polymers, header)
    entities = pdb_entities(header, observed_chains(polymers, header.modified))
    b_factors = pdb_b_factors(header.title, header.method, source.text[: first_atom_line(source.text)])
    facts = (header.title, header.keywords, header.method, header.modified, lost.listed(), b_factors)
    return _Entry(polymers, positions, entities, *facts)


def _read_mmcif(source: StructureContent, most_atoms: int) -> _Entry:
    if source.format == "bcif":
        document = read_binary_cif(source.binary, most_atoms=most_atoms)
    else:
        document = _readable("mmCIF", lambda: gemmi.cif.read_string(source.text))
    blocks = [block for block in document if len(block.find_mmcif_category("_atom_site."))]
    if not blocks:
        raise ProteinRejected("no atoms in the mmCIF file")
    entries = (_read_block(block) for block in blocks)
    first = next(entries)
    if (first.polymers.amino & first.polymers.observed).any():
        return first
    return next((e for e in entries if (e.polymers.amino & e.polymers.observed).any()), first)


def _read_block(block: gemmi.cif.Block) -> _Entry:
    table = read_mmcif_atoms(block)
    header = read_mmcif_header(block)
    polymers, lost = read_polymers(table, Lost())
    polymers = _with_names(polymers, table)
    observed = observed_chains(polymers, header.modified)
    entities = mmcif_entities(header, observed, _entity_of_label(block, table))
    positions = polymers.atoms.residue_position
    b_factors = mmcif_b_factors(block, header.title, header.method)
    facts = (header.title, header.keywords, header.method, header.modified, lost.listed(), b_factors)
    return _Entry(polymers, positions, entities, *facts)


def _with_names(polymers: Polymers, table: AtomTable) -> Polymers:
    """The polymers with a name of its own for every chain: the first free one where the file gives it none or another's."""
    free = free_names([*table.label.values, *table.chain.values])
    given: dict[int, str] = {}
    taken: set[str] = set()
    for part, chain in enumerate(observed_chains(polymers, {})):
        if not chain.label or chain.label in taken:
            given[part] = next(free)
        taken.add(given.get(part, chain.label))
    return Polymers(with_chain_names(polymers.atoms, polymers.part, given), polymers.amino, polymers.part)


def _entity_of_label(block: gemmi.cif.Block, table: AtomTable) -> dict[str, str]:
    """`label_entity_id` by chain label, of each chain's first atom."""
    column = list(block.find_values("_atom_site.label_entity_id"))
    if not column:
        return {}
    first = np.unique(table.label.codes, return_index=True)[1]
    return {table.label.values[table.label.codes[i]]: gemmi.cif.as_string(column[i]) for i in first.tolist()}


def _readable(format_name: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except (RuntimeError, ValueError, IndexError) as error:
        raise ProteinRejected(f"not readable as {format_name}: {' '.join(str(error).split())}") from None
