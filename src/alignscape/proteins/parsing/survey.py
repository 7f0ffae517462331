"""What a file holds beside the protein that is read: models, ligands, B factors; for whoever looks a file over."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gemmi
import numpy as np
from numpy.typing import NDArray

from ..facts import ProteinFacts
from ..structure import Structure
from .amino_acids import is_amino_acid
from .atom_table import AtomTable, Lost
from .binary_cif import read_binary_cif
from .mmcif_atoms import read_mmcif_atoms
from .pdb_atoms import read_pdb_atoms
from .pdb_header import read_pdb_header
from .structure_file import StructureContent

_FEW = 5  # different B factors: a mask of what was designed has two
_SPREAD = 0.011  # of the B factors of one residue's atoms, if they are one number rounded


@dataclass(frozen=True)
class Survey:
    """A file's models, the residues of its first one that are no amino acids, and the confidence of a prediction."""

    models: int
    others: dict[str, int]  # residues by name, the commonest first
    plddt: NDArray[np.float64] | None  # (r,) of the residues with B factors, 0 to 100; None where these are no pLDDT


def survey(content: StructureContent, structure: Structure, facts: ProteinFacts) -> Survey:
    """The file beside its protein, which is `structure` and of which `facts` are the facts."""
    if content.format == "pdb":
        numbered = read_pdb_header(content.text).numbered
        table = read_pdb_atoms(content.text, numbered=numbered, lost=Lost())
        factors: list[tuple[object, float]] = list(_pdb_factors(content.text))
    else:
        is_binary = content.format == "bcif"
        document = read_binary_cif(content.binary) if is_binary else gemmi.cif.read_string(content.text)
        block = next(block for block in document if len(block.find_mmcif_category("_atom_site.")))
        table, factors = read_mmcif_atoms(block), list(_mmcif_factors(block))
    return Survey(len(table.models), _others(table, set(structure.residue_name.tolist())), _plddt(factors, facts))


def modified_residues(structure: Structure) -> dict[str, int]:
    """Residues by name that are read as another amino acid, or as none of the twenty: MSE, HID, SEP."""
    from ..structure import THREE_LETTER

    standard = np.isin(structure.residue_name, THREE_LETTER)
    return dict(Counter(structure.residue_name[~standard].tolist()).most_common())


def gaps(structure: Structure) -> list[tuple[str, str, str]]:
    """Breaks of the backbone inside chains: the chain, and the residues before and after."""
    backbone = structure.backbone.astype(np.float64)
    bond = np.linalg.norm(backbone[:-1, 2] - backbone[1:, 0], axis=1)
    alphas = np.linalg.norm(backbone[:-1, 1] - backbone[1:, 1], axis=1)
    with np.errstate(invalid="ignore"):
        broken = np.where(np.isfinite(bond), bond > 2.5, alphas > 4.5)  # 1.33 and 3.8 angstrom in a chain
    broken &= structure.residue_chain[:-1] == structure.residue_chain[1:]
    names = [f"{n}{code}" for n, code in zip(structure.residue_number, structure.residue_insertion, strict=True)]
    chain = structure.chain_author[structure.residue_chain]
    return [(str(chain[i]), names[i], names[i + 1]) for i in np.flatnonzero(broken).tolist()]


def _others(table: AtomTable, read: set[str]) -> dict[str, int]:
    first = table.select(table.model == table.models[0]) if len(table) else table
    residues = set(
        zip(
            first.chain.tolist(),
            first.number.tolist(),
            first.insertion.tolist(),
            first.residue_name.tolist(),
            strict=True,
        )
    )
    return dict(
        Counter(name for *_, name in sorted(residues) if not is_amino_acid(name) and name not in read).most_common()
    )


def _plddt(factors: list[tuple[Any, float]], facts: ProteinFacts) -> NDArray[np.float64] | None:
    """The B factors by residue if they are a prediction's confidence: one number per residue, or said to be it."""
    if not factors or facts.b_factors == "experiment":
        return None
    by_residue: dict[Any, list[float]] = defaultdict(list)
    for residue, factor in factors:
        by_residue[residue].append(factor)
    values = np.array([np.mean(numbers) for numbers in by_residue.values()])
    spread = np.array([max(numbers) - min(numbers) for numbers in by_residue.values()])
    whole = (
        len(set(values.round(2).tolist())) > min(_FEW, len(values) - 1) and values.min() >= 0 and values.max() <= 100
    )
    several = [len(numbers) > 1 for numbers in by_residue.values()]
    if not whole or not (facts.b_factors == "plddt" or (any(several) and spread.max() <= _SPREAD)):
        return None
    return values * 100 if values.max() <= 1 else values  # ESMFold's own files have shares


def _pdb_factors(text: str) -> Iterator[tuple[str, float]]:
    """The residue and B factor of each amino acid's atom in the first model."""
    for line in text.split("\n"):
        if line.startswith("ENDMDL"):
            return
        if line.startswith(("ATOM", "HETATM")) and is_amino_acid(line[17:20].strip()):
            try:
                yield line[17:27], float(line[60:66])
            except ValueError:
                continue


def _mmcif_factors(block: gemmi.cif.Block) -> Iterator[tuple[tuple[str, ...], float]]:
    tags = (
        "?auth_asym_id",
        "?label_asym_id",
        "?auth_seq_id",
        "?label_seq_id",
        "?pdbx_PDB_ins_code",
        "?pdbx_PDB_model_num",
    )
    table = block.find("_atom_site.", ["B_iso_or_equiv", "label_comp_id", *tags])
    model = None
    for row in table:
        key = tuple(row[i] if row.has(i) else "" for i in range(2, 8))
        model = key[-1] if model is None else model
        factor = gemmi.cif.as_number(row[0])
        if key[-1] == model and factor == factor and is_amino_acid(row[1]):
            yield key, factor
