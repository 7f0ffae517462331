"""A parsed protein as arrays: what every structure encoder is given, and the only thing it is given."""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# One-letter codes in alphabetical order of the letters; index 20 is "unknown".
AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
THREE_LETTER = (
    "ALA", "CYS", "ASP", "GLU", "PHE", "GLY", "HIS", "ILE", "LYS", "LEU",
    "MET", "ASN", "PRO", "GLN", "ARG", "SER", "THR", "VAL", "TRP", "TYR",
)  # fmt: skip
UNKNOWN = 20
BACKBONE = ("N", "CA", "C", "O")


@dataclass(frozen=True, eq=False)
class Structure:
    """The polypeptide residues of one entry's first model. a atoms, r residues, c chains.

    Atoms are sorted by residue, residues by chain; coordinates are in angstrom. Hydrogens, waters, ions and
    ligands are absent, each atom has one position (the altloc of highest occupancy, ties to A), and a modified
    residue carries its parent's type (MSE is MET). Each residue has an atom.
    """

    id: str
    atom_name: NDArray[np.str_]  # (a,) <U4, wider where a name is longer
    atom_element: NDArray[np.uint8]  # (a,) atomic number
    atom_xyz: NDArray[np.float32]  # (a, 3)
    atom_residue: NDArray[np.int32]  # (a,) index into residues, ascending
    residue_name: NDArray[np.str_]  # (r,) <U5 or wider, as in the file
    residue_type: NDArray[np.int8]  # (r,) index into AMINO_ACIDS, 20 = unknown
    residue_number: NDArray[np.int32]  # (r,) author numbering
    residue_insertion: NDArray[np.str_]  # (r,) <U1, "" if none
    residue_position: NDArray[np.int32]  # (r,) 1-based place in the entity's full sequence, 0 if not known
    residue_plddt: NDArray[np.float32]  # (r,) from 0 to 100, of a predicted model; NaN where none is stated
    residue_chain: NDArray[np.int32]  # (r,) index into chains, ascending
    chain_label: NDArray[np.str_]  # (c,) <U8 or wider, mmCIF label_asym_id (the author's name where there is none)
    chain_author: NDArray[np.str_]  # (c,) <U8 or wider
    chain_entity: NDArray[np.int32]  # (c,) 1-based entity number

    @property
    def n_residues(self) -> int:
        """Observed polypeptide residues."""
        return len(self.residue_type)

    @property
    def n_atoms(self) -> int:
        """Heavy atoms of the observed polypeptide residues."""
        return len(self.atom_element)

    @cached_property
    def backbone(self) -> NDArray[np.float32]:
        """(r, 4, 3) positions of N, CA, C, O in angstrom; NaN where an atom is missing."""
        xyz = np.full((self.n_residues, len(BACKBONE), 3), np.nan, dtype=np.float32)
        for column, name in enumerate(BACKBONE):
            atoms = np.flatnonzero(self.atom_name == name)
            xyz[self.atom_residue[atoms], column] = self.atom_xyz[atoms]
        return xyz

    @property
    def ca(self) -> NDArray[np.float32]:
        """(r, 3) C-alpha positions in angstrom; NaN where missing."""
        return self.backbone[:, 1]

    @property
    def has_ca(self) -> NDArray[np.bool_]:
        """(r,) whether the C-alpha was observed."""
        return np.asarray(np.isfinite(self.ca).all(axis=1))

    @property
    def has_backbone(self) -> NDArray[np.bool_]:
        """(r,) whether N, CA, C and O were all observed."""
        return np.asarray(np.isfinite(self.backbone).all(axis=(1, 2)))

    @property
    def sequence(self) -> str:
        """Observed one-letter sequence over all chains, X for unknown."""
        return "".join((AMINO_ACIDS + "X")[t] for t in self.residue_type)

    def select(self, keep: NDArray[np.bool_]) -> "Structure":
        """The same structure with only the residues where `keep` (r,) is true; chains stay."""
        new_index = np.cumsum(keep) - 1
        atoms = keep[self.atom_residue]
        values = {}
        for field in fields(self):
            value = getattr(self, field.name)
            kind = field.name.split("_")[0]
            values[field.name] = value[atoms] if kind == "atom" else value[keep] if kind == "residue" else value
        values["atom_residue"] = new_index[self.atom_residue[atoms]].astype(np.int32)
        return Structure(**values)
