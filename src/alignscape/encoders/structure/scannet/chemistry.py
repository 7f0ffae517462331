"""What ScanNet knows of the twenty amino acids: which atoms are bonded, and the chemical kind of each atom.

Facts of the published network (Tubiana et al., doi 10.1038/s41592-022-01490-7, and its preprocessing): an atom's frame
is spanned by the atom before it and the atom after it on a walk from the backbone to the side chain's end; its
attribute is its element with the hydrogens it carries. Everything is looked up in arrays of residue type x atom name.
"""

import numpy as np
from numpy.typing import NDArray

from ....proteins.structure import AMINO_ACIDS, UNKNOWN

# The order in which a residue's atoms are sorted: that of a PDB file, with the terminal oxygen last. The column after
# the last name means "no such atom".
ATOM_NAMES = [
    "N",
    "CA",
    "C",
    "O",
    "CB",
    "CG",
    "CG1",
    "CG2",
    "CD",
    "CD1",
    "CD2",
    "CE",
    "CE1",
    "CE2",
    "CE3",
    "CZ",
    "CZ2",
    "CZ3",
    "CH2",
    "ND1",
    "ND2",
    "NE",
    "NE1",
    "NE2",
    "NH1",
    "NH2",
    "NZ",
    "OD1",
    "OD2",
    "OE1",
    "OE2",
    "OG",
    "OG1",
    "OH",
    "SD",
    "SE",
    "SG",
    "OXT",
]
N, CA, C, O, SD, SE, OXT = (ATOM_NAMES.index(name) for name in ("N", "CA", "C", "O", "SD", "SE", "OXT"))  # noqa: E741
NO_ATOM = len(ATOM_NAMES)
MET = AMINO_ACIDS.index("M")
ALIASES = {"OT1": "O", "OT2": "OXT"}

# Chemical kinds, an attribute's index. CPi: aromatic carbon.
KINDS = ["C", "CH", "CH2", "CH3", "CPi", "O", "OH", "N", "NH", "NH2", "S", "SH"]

# Side chains as walks: each atom's neighbours in the walk are the atoms before and after it in its frame. A walk's
# first atom, and one in brackets (where a ring closes, or a branch ends on an atom already walked), only lend their
# position. Two slips of the published tables are kept, because its weights were trained with them: glutamate's CG is
# taken for CH and histidine's NE2 for a bare carbon.
SIDE_CHAINS = {
    "A": "CA CB:CH3",
    "C": "CA CB:CH2 SG:SH",
    "D": "CA CB:CH2 CG:C OD1:O | CG OD2:OH",
    "E": "CA CB:CH2 CG:CH CD:C OE1:O | CD OE2:OH",
    "F": "CA CB:CH2 CG:CPi CD1:CPi CE1:CPi CZ:CPi (CE2) | CG CD2:CPi CE2:CPi (CZ)",
    "G": "",
    "H": "CA CB:CH2 CG:CPi ND1:N CE1:CPi NE2:C CD2:CPi (CG)",
    "I": "CA CB:CH CG1:CH2 CD1:CH3 | CB CG2:CH3",
    "K": "CA CB:CH2 CG:CH2 CD:CH2 CE:CH2 NZ:NH2",
    "L": "CA CB:CH2 CG:CH CD1:CH3 | CG CD2:CH3",
    "M": "CA CB:CH2 CG:CH2 SD:S CE:CH3",
    "N": "CA CB:CH2 CG:C OD1:O | CG ND2:NH2",
    "P": "CA CB:CH2 CG:CH2 CD:CH2 (N)",
    "Q": "CA CB:CH2 CG:CH2 CD:C OE1:O | CD NE2:NH2",
    "R": "CA CB:CH2 CG:CH2 CD:CH2 NE:NH CZ:C NH1:NH | CZ NH2:NH2",
    "S": "CA CB:CH2 OG:OH",
    "T": "CA CB:CH OG1:OH | CB CG2:CH3",
    "V": "CA CB:CH CG1:CH3 | CB CG2:CH3",
    "W": "CA CB:CH2 CG:CPi CD1:CPi NE1:NH (CE2) | CG CD2:CPi CE2:CPi CZ2:CPi CH2:CPi CZ3:CPi CE3:CPi (CD2)",
    "Y": "CA CB:CH2 CG:CPi CD1:CPi CE1:CPi CZ:CPi (CE2) | CG CD2:CPi CE2:CPi (CZ) | CZ OH:OH",
    "X": "CA CB:CH3",  # a residue of unknown type has a backbone and, like alanine, a CB
}
BACKBONE_KINDS = {"N": "NH", "CA": "CH", "C": "C", "O": "O", "OXT": "OH"}
EXCEPTIONS = {("P", "N"): "N", ("G", "CA"): "CH2"}

MASSES = {"C": 12.0, "N": 14.0, "O": 16.0, "S": 32.0}


def _walked(walk: str) -> list[tuple[str, str | None, str | None, str]]:
    """(atom, the one before, the one after, kind) of every atom that the walk is about."""
    steps = [step.strip("()").split(":") for step in walk.split()]
    names = [step[0] for step in steps] + [None]
    return [(s[0], names[i - 1], names[i + 1], s[1]) for i, s in enumerate(steps) if len(s) == 2]


def _tables() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(21, 39) each: the atom before, the atom after (NO_ATOM if none), the kind (-1 where a type has no such atom).

    The atom before N and the one after C belong to other residues, so these two are NO_ATOM here.
    """
    before = np.full((UNKNOWN + 1, NO_ATOM + 1), NO_ATOM)
    after, kind = before.copy(), np.full_like(before, -1)
    for residue, letter in enumerate(AMINO_ACIDS + "X"):
        bonds = [("N", None, "CA"), ("CA", "N", "C"), ("C", "CA", None), ("O", "C", None), ("OXT", "C", None)]
        atoms = [(*bond, EXCEPTIONS.get((letter, bond[0]), BACKBONE_KINDS[bond[0]])) for bond in bonds]
        atoms += [atom for walk in SIDE_CHAINS[letter].split("|") for atom in _walked(walk)]
        for name, previous, following, chemical_kind in atoms:
            atom = ATOM_NAMES.index(name)
            before[residue, atom] = ATOM_NAMES.index(previous) if previous else NO_ATOM
            after[residue, atom] = ATOM_NAMES.index(following) if following else NO_ATOM
            kind[residue, atom] = KINDS.index(chemical_kind)
    return before, after, kind


ATOM_BEFORE, ATOM_AFTER, ATOM_KIND = _tables()

# (39,) atomic mass of a side-chain atom by name, 0 for the backbone: the weights of a side chain's centre.
SIDE_CHAIN_MASS = np.array([0.0 if name in BACKBONE_KINDS else MASSES[name[0]] for name in ATOM_NAMES] + [0.0])


def _packed(names: NDArray[np.str_]) -> NDArray[np.int64]:
    """(a,) the four letters of each name as one integer, which is far faster to look up than a string."""
    letters = np.ascontiguousarray(names, dtype="<U4").view(np.uint32).reshape(-1, 4).astype(np.int64)
    return letters @ (1 << np.array([0, 7, 14, 21]))


_ALL_NAMES = np.array(ATOM_NAMES + list(ALIASES))
_NAME_ORDER = np.argsort(_packed(_ALL_NAMES))
_SORTED_NAMES = _packed(_ALL_NAMES)[_NAME_ORDER]
_SORTED_INDEX = np.array([ATOM_NAMES.index(ALIASES.get(name, name)) for name in _ALL_NAMES])[_NAME_ORDER]


def atom_index(names: NDArray[np.str_]) -> NDArray[np.int64]:
    """(a,) index into ATOM_NAMES of each atom's name, NO_ATOM for a name that ScanNet does not know."""
    packed = _packed(names)
    place = np.minimum(np.searchsorted(_SORTED_NAMES, packed), len(_SORTED_NAMES) - 1)
    return np.where(_SORTED_NAMES[place] == packed, _SORTED_INDEX[place], NO_ATOM)
