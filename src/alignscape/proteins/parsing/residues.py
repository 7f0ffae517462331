"""The polypeptide residues of a gemmi structure as arrays (law 1 of the design), without a loop over atoms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import gemmi
import numpy as np
from numpy.typing import NDArray

from ..structure import AMINO_ACIDS, THREE_LETTER, UNKNOWN, Structure

_POLYMER = 1  # gemmi.EntityType.Polymer as FlatStructure stores it
_CARBON, _CALCIUM = 6, 20
_HYDROGENS = (1, 119)  # hydrogen, and deuterium as gemmi numbers it
_TYPE_OF = {name: AMINO_ACIDS.index(letter) for name, letter in zip(THREE_LETTER, AMINO_ACIDS, strict=True)}
_PARENT_OF_LETTER = {"U": "C", "O": "K"}  # selenocysteine and pyrrolysine, as the CCD's parents have it


@dataclass(frozen=True)
class Atoms:
    """Atoms of the first model in file order; residues are numbered in file order. a atoms, r residues."""

    name: NDArray[np.str_]  # (a,)
    element: NDArray[np.uint8]  # (a,)
    xyz: NDArray[np.float64]  # (a, 3)
    occupancy: NDArray[np.float32]  # (a,)
    altloc: NDArray[np.int16]  # (a,) rank: A before none before B, C ...
    residue: NDArray[np.int64]  # (a,)
    residue_name: NDArray[np.str_]  # (r,)
    residue_number: NDArray[np.int32]  # (r,)
    residue_insertion: NDArray[np.str_]  # (r,)
    residue_position: NDArray[np.int32]  # (r,)
    chain_label: NDArray[np.str_]  # (r,)
    chain_author: NDArray[np.str_]  # (r,)
    polymer: NDArray[np.bool_]  # (r,)

    @property
    def n_residues(self) -> int:
        """All residues, ligands and waters too."""
        return len(self.residue_name)


def _text(codes: NDArray[np.int8]) -> NDArray[np.str_]:
    """Zero-terminated rows of character codes (n, 8) as strings (n,)."""
    return np.ascontiguousarray(codes).view(f"S{codes.shape[1]}")[:, 0].astype(np.str_)


def flatten(structure: gemmi.Structure, *, chains: Literal["label", "author"]) -> Atoms:
    """The first model as arrays. `chains` says which name stands for a chain where the file has only one kind."""
    if len(structure) > 1:
        del structure[1:]
    residues = [residue for chain in structure[0] for residue in chain]
    flat = gemmi.FlatStructure(structure)
    counts = np.array([len(residue) for residue in residues], dtype=np.int64)
    first = np.cumsum(counts) - counts
    first = first[counts > 0]
    author = _text(flat.chain_ids)[first]
    codes = flat.altlocs.astype(np.int16)
    insertion = flat.icodes[first]
    return Atoms(
        name=_text(flat.atom_names),
        element=flat.elements.copy(),
        xyz=np.array(flat.pos),
        occupancy=flat.occ.copy(),
        altloc=np.where(codes == ord("A"), -1, codes),
        residue=np.repeat(np.arange(len(first)), counts[counts > 0]),
        residue_name=_text(flat.residue_names)[first],
        residue_number=flat.resnums[first].astype(np.int32),
        residue_insertion=np.where(insertion == ord(" "), "", insertion.astype(np.uint8).view("S1").astype("U1")),
        residue_position=np.array([r.label_seq or 0 for r in residues if len(r)], dtype=np.int32),
        chain_label=_text(flat.subchains)[first] if chains == "label" else author,
        chain_author=author,
        polymer=flat.entity_type[first] == _POLYMER,
    )


def parent_type(name: str, modified: Mapping[str, str]) -> int:
    """Index of a residue's parent in AMINO_ACIDS: its own, gemmi's table's, or the file's own MODRES's; else UNKNOWN."""
    if name in _TYPE_OF:
        return _TYPE_OF[name]
    letter = gemmi.find_tabulated_residue(name).one_letter_code.strip().upper()
    index = AMINO_ACIDS.find(_PARENT_OF_LETTER.get(letter, letter)) if letter else -1
    return index if index >= 0 else _TYPE_OF.get(modified.get(name, ""), UNKNOWN)


def amino_acids(atoms: Atoms) -> NDArray[np.bool_]:
    """(r,) polymer residues that are amino acids: by name, or, for an unknown name, by a carbon called CA.

    A calcium ion called CA is none, nor are caps such as ACE and NH2.
    """
    names, inverse = np.unique(atoms.residue_name, return_inverse=True)
    tables = [gemmi.find_tabulated_residue(str(name)) for name in names]
    by_name = np.array([table.is_amino_acid() for table in tables], dtype=bool)[inverse]
    open_ = np.array([not table.found() for table in tables], dtype=bool)[inverse]
    carbon_alpha = np.zeros(atoms.n_residues, dtype=bool)
    carbon_alpha[atoms.residue[(atoms.name == "CA") & (atoms.element == _CARBON)]] = True
    return atoms.polymer & (by_name | (open_ & carbon_alpha))


def one_identity(atoms: Atoms, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(r,) `keep` with one residue a position: of several identities the one of highest occupancy, ties to altloc A.

    Only neighbours in the file with one chain, number and insertion code share a position.
    """
    kept = np.flatnonzero(keep)
    if len(kept) < 2:
        return keep
    same = np.ones(len(kept) - 1, dtype=bool)
    for part in (atoms.chain_label, atoms.chain_author, atoms.residue_number, atoms.residue_insertion):
        same &= part[kept][1:] == part[kept][:-1]
    position = np.concatenate([[0], np.cumsum(~same)])
    size = np.bincount(atoms.residue, minlength=atoms.n_residues)
    occupancy = np.bincount(atoms.residue, weights=atoms.occupancy, minlength=atoms.n_residues) / np.maximum(size, 1)
    altloc = np.full(atoms.n_residues, np.iinfo(np.int16).max, dtype=np.int16)
    np.minimum.at(altloc, atoms.residue, atoms.altloc)
    order = np.lexsort((kept, altloc[kept], -occupancy[kept].round(4), position))
    best = order[np.unique(position[order], return_index=True)[1]]
    chosen = np.zeros_like(keep)
    chosen[kept[best]] = True
    return chosen


def one_position(atoms: Atoms, residues: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Indices of the heavy atoms of `residues`, each name once a residue: highest occupancy, ties to A, then first."""
    usable = residues[atoms.residue] & ~np.isin(atoms.element, _HYDROGENS) & np.isfinite(atoms.xyz).all(axis=1)
    kept = np.flatnonzero(usable)
    name = np.unique(atoms.name[kept], return_inverse=True)[1]
    order = np.lexsort((kept, atoms.altloc[kept], -atoms.occupancy[kept], name, atoms.residue[kept]))
    group = np.stack([atoms.residue[kept][order], name[order]])
    first = np.ones(len(kept), dtype=bool)
    first[1:] = (group[:, 1:] != group[:, :-1]).any(axis=0)
    return np.sort(kept[order[first]])


def to_structure(atoms: Atoms, *, id: str, modified: Mapping[str, str], entity_of: Mapping[str, int]) -> Structure:
    """The amino-acid residues of `atoms`, sorted by chain in the order of the file.

    modified: parents of modified residues by name. entity_of: entity number by chain label; chains not in it, which
    belong to no polypeptide, are left out. The result may have no residue.
    """
    wanted = np.isin(atoms.chain_label, list(entity_of)) if entity_of else np.zeros(atoms.n_residues, dtype=bool)
    residues = np.flatnonzero(one_identity(atoms, amino_acids(atoms) & wanted))
    labels, first, chain = np.unique(atoms.chain_label[residues], return_index=True, return_inverse=True)
    appearance = np.argsort(np.argsort(first))
    order = np.argsort(appearance[chain], kind="stable")
    residues, chain = residues[order], appearance[chain][order]
    labels, first = labels[np.argsort(first)], np.sort(first)
    chosen = one_position(atoms, np.isin(np.arange(atoms.n_residues), residues))
    new_index = np.full(atoms.n_residues, -1, dtype=np.int64)
    new_index[residues] = np.arange(len(residues))
    chosen = chosen[np.argsort(new_index[atoms.residue[chosen]], kind="stable")]
    names = atoms.residue_name[residues]
    types = {str(name): parent_type(str(name), modified) for name in np.unique(names)}
    element = atoms.element[chosen].copy()
    # Old files put CA of a C-alpha where the element calcium belongs; in an amino acid it is a carbon.
    element[(atoms.name[chosen] == "CA") & (element == _CALCIUM)] = _CARBON
    authors = dict(zip(atoms.chain_label.tolist(), atoms.chain_author.tolist(), strict=True))
    return Structure(
        id=id,
        atom_name=atoms.name[chosen].astype("U4"),
        atom_element=element.astype(np.uint8),
        atom_xyz=atoms.xyz[chosen].astype(np.float32),
        atom_residue=new_index[atoms.residue[chosen]].astype(np.int32),
        residue_name=names.astype("U5"),
        residue_type=np.array([types[name] for name in names.tolist()], dtype=np.int8),
        residue_number=atoms.residue_number[residues],
        residue_insertion=atoms.residue_insertion[residues].astype("U1"),
        residue_position=atoms.residue_position[residues],
        residue_chain=chain.astype(np.int32),
        chain_label=labels.astype("U8"),
        chain_author=np.array([authors[label] for label in labels.tolist()], dtype="U8"),
        chain_entity=np.array([entity_of[label] for label in labels.tolist()], dtype=np.int32),
    )
