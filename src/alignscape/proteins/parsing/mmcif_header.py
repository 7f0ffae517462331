"""The entities of an mmCIF file: _entity, _entity_poly, _entity_src_*, _struct_asym."""

import re
from dataclasses import dataclass, field

import gemmi

from ..facts import Kind
from .amino_acids import letter

_STATED_NOTHING = {"", "?", "."}
_SOURCES = (
    ("_entity_src_gen.", "pdbx_gene_src_scientific_name", "pdbx_gene_src_ncbi_taxonomy_id"),
    ("_entity_src_nat.", "pdbx_organism_scientific", "pdbx_ncbi_taxonomy_id"),
    ("_pdbx_entity_src_syn.", "organism_scientific", "ncbi_taxonomy_id"),
    ("_ma_target_ref_db_details.", "organism_scientific", "ncbi_taxonomy_id"),  # of predicted models
)


@dataclass
class PolymerRecord:
    """One polymer of the file, with what it says of it."""

    id: str
    kind: Kind
    chains_label: list[str] = field(default_factory=list)
    chains_author: list[str] = field(default_factory=list)
    name: str = ""
    ec: list[str] = field(default_factory=list)
    organisms: list[str] = field(default_factory=list)
    taxonomy_id: int | None = None
    sequence: str = ""


@dataclass
class MmcifHeader:
    """What the categories beside _atom_site say."""

    title: str
    keywords: str
    method: str
    polymers: list[PolymerRecord]
    modified: dict[str, str]  # residue name -> standard parent


def read_mmcif_header(block: gemmi.cif.Block) -> MmcifHeader:
    """The header of an mmCIF block; `polymers` is empty where the file has no _entity_poly."""
    polymers = {row.get("entity_id", ""): _polymer(row) for row in _rows(block, "_entity_poly.")}
    for row in _rows(block, "_entity."):
        if row.get("id") in polymers:
            polymers[row["id"]].name = row.get("pdbx_description", "")
            polymers[row["id"]].ec = re.findall(r"\d+(?:\.(?:\d+|-)){1,3}", row.get("pdbx_ec", ""))
    _add_organisms(block, polymers)
    _add_chains(block, polymers)
    parents = _rows(block, "_chem_comp.") + _rows(block, "_pdbx_struct_mod_residue.")
    return MmcifHeader(
        title=_first(block, "_struct.title"),
        keywords=_first(block, "_struct_keywords.text"),
        method="; ".join(row.get("method", "") for row in _rows(block, "_exptl.")),
        polymers=list(polymers.values()),
        modified={
            row.get("id") or row.get("label_comp_id", ""): row.get("mon_nstd_parent_comp_id")
            or row.get("parent_comp_id", "")
            for row in parents
        },
    )


def _polymer(row: dict[str, str]) -> PolymerRecord:
    type_ = row.get("type", "").lower()
    kind: Kind = "nucleic acid" if "nucleotide" in type_ else "polypeptide" if "peptide" in type_ else "other"
    kind = "other" if "nucleic acid" in type_ else kind  # a peptide nucleic acid is neither
    sequence = row.get("pdbx_seq_one_letter_code_can") or row.get("pdbx_seq_one_letter_code", "")
    sequence = re.sub(r"\((\w+)\)", lambda name: letter(name[1], {}), re.sub(r"\s+", "", sequence))
    return PolymerRecord(row.get("entity_id", ""), kind, sequence=sequence.upper())


def _add_organisms(block: gemmi.cif.Block, polymers: dict[str, PolymerRecord]) -> None:
    for category, name, taxonomy in _SOURCES:
        for row in _rows(block, category):
            polymer, organism = polymers.get(row.get("entity_id") or row.get("target_entity_id", "")), row.get(name, "")
            if polymer is None or not organism:
                continue
            if organism.lower() not in [known.lower() for known in polymer.organisms]:
                polymer.organisms.append(organism)
            digits = re.match(r"\d+", row.get(taxonomy, ""))
            if polymer.taxonomy_id is None and digits:
                polymer.taxonomy_id = int(digits[0])


def _add_chains(block: gemmi.cif.Block, polymers: dict[str, PolymerRecord]) -> None:
    author = {row.get("asym_id", ""): row.get("pdb_strand_id", "") for row in _rows(block, "_pdbx_poly_seq_scheme.")}
    if not author:
        author = _author_names(block)
    for row in _rows(block, "_struct_asym."):
        if row.get("entity_id") in polymers:
            polymers[row["entity_id"]].chains_label.append(row.get("id", ""))
            polymers[row["entity_id"]].chains_author.append(author.get(row.get("id", "")) or row.get("id", ""))


def _author_names(block: gemmi.cif.Block) -> dict[str, str]:
    table = block.find("_atom_site.", ["label_asym_id", "auth_asym_id"])
    return {gemmi.cif.as_string(label): gemmi.cif.as_string(name) for label, name in {(r[0], r[1]) for r in table}}


def _first(block: gemmi.cif.Block, tag: str) -> str:
    return _clean(block.find_value(tag) or "?")


def _clean(raw: str) -> str:
    value = " ".join(gemmi.cif.as_string(raw).split())
    return "" if value in _STATED_NOTHING else value


def _rows(block: gemmi.cif.Block, category: str) -> list[dict[str, str]]:
    """The rows of a category, loop or pairs, as dicts of cleaned strings by bare tag."""
    table = block.find_mmcif_category(category)
    if not table:
        return []
    tags = [tag.removeprefix(category) for tag in table.tags]
    return [dict(zip(tags, (_clean(value) for value in row), strict=True)) for row in table]
