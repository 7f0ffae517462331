"""What the residues and atoms of a protein are called: by the archive, by force fields, by refinement programs."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import gemmi

from ..structure import AMINO_ACIDS, THREE_LETTER, UNKNOWN

_TYPE_OF = {name: AMINO_ACIDS.index(letter) for name, letter in zip(THREE_LETTER, AMINO_ACIDS, strict=True)}
_PARENT_OF_LETTER = {"U": "C", "O": "K"}  # selenocysteine and pyrrolysine, as the CCD's parents have it
# Protonation states, disulphides and patches: CHARMM, Amber, GROMOS, OPLS and Rosetta.
_VARIANTS = {
    "HIS": "HSD HSE HSP HSX HID HIE HIP HIN HISA HISB HISH HISD HISE HISP HISX HIS1 HIS2",
    "CYS": "CYX CYM CYD CYZ CYV CYSH CYSS CYSX CYSZ CYS1 CYS2",
    "ASP": "ASH AS4 ASPH ASPP",
    "GLU": "GLH GL4 GLUH GLUP",
    "GLN": "QLN",
    "LYS": "LYN LYP LSN LYSH LYSN",
    "ARG": "ARN AR0 ARGN",
    "TYR": "TYM TYO TYRO",
    "SER": "SRO",
    "THR": "THO",
}
_PARENTS = {name: parent for parent, names in _VARIANTS.items() for name in names.split()}
_SOLVENT = set(
    [
        "HOH",
        "DOD",
        "WAT",
        "H2O",
        "SOL",
        "TIP",
        "TIP3",
        "TIP4",
        "TIP5",
        "TP3",
        "TP4",
        "TP5",
        "TP3M",
        "T3P",
        "T4P",
        "SPC",
        "SPCE",
        "SPCF",
        "W3",
        "OH2",
    ]
)
_NUCLEOTIDE = re.compile(r"[DR]?[ACGTUI][35N]?|ADE|GUA|CYT|THY|URA")
_LETTER_OF_BASE = {"ADE": "A", "GUA": "G", "CYT": "C", "THY": "T", "URA": "U"}
_ELEMENTS = {"H": 1, "D": 1, "C": 6, "N": 7, "O": 8, "S": 16, "P": 15}
_TWO_LETTERS = {"SE": 34, "BR": 35, "CL": 17, "TE": 52, "AS": 33}
# C-terminal oxygens: CHARMM, GROMACS, Amber, X-PLOR, GROMOS.
FIRST_OXYGEN = ("OT1", "OCT1", "OC1", "O1", "O'", "OT")
SECOND_OXYGEN = ("OXT", "OT2", "OCT2", "OC2", "O2", "O''", "OTX", "OXT1", "OT")
NO_ATOM = 255  # a lone pair or a Drude particle


@lru_cache(maxsize=4096)
def known_parent(name: str) -> str:
    """The standard residue that a force field's name stands for, the name itself if it is one; "" for other names."""
    name = name.upper()
    if name in _TYPE_OF:
        return name
    if len(name) == 4 and name[0] in "NC" and name not in _PARENTS:
        return known_parent(name[1:])  # NALA, CALA: Amber's terminal residues
    return _PARENTS.get(name, "")


@lru_cache(maxsize=4096)
def variant_parent(name: str) -> str:
    """As `known_parent`, also for names that only begin with a residue's, as VAL:Nterm; "" for other names."""
    if known_parent(name) or len(name) < 4 or tabulated(name).found():
        return known_parent(name)
    return known_parent(name[:4]) or known_parent(name[:3])


def is_four_letter_name(name: str) -> bool:
    """Whether a name of four letters is one that force fields have for a residue, a water among them."""
    name = name.strip()
    if len(name) < 4:
        return False
    return bool(known_parent(name)) or name.upper() in _SOLVENT


@lru_cache(maxsize=4096)
def tabulated(name: str) -> gemmi.ResidueInfo:
    """gemmi's row on a residue."""
    return gemmi.find_tabulated_residue(name)


def _stated_parent(name: str, modified: Mapping[str, str]) -> str:
    """What the file says of a name that force fields use too: HSE is CHARMM's histidine and the archive's homoserine."""
    return known_parent(modified.get(name, "")) if name in _PARENTS else ""


def parent_type(name: str, modified: Mapping[str, str]) -> int:
    """Index of a residue's parent in AMINO_ACIDS: its own, gemmi's table's, or the file's own MODRES's; else UNKNOWN."""
    variant = _stated_parent(name, modified) or variant_parent(name)
    if variant:
        return _TYPE_OF[variant]
    letter = tabulated(name).one_letter_code.strip().upper()
    index = AMINO_ACIDS.find(_PARENT_OF_LETTER.get(letter, letter)) if letter else -1
    return index if index >= 0 else _TYPE_OF.get(variant_parent(modified.get(name, "")), UNKNOWN)


def letter(name: str, modified: Mapping[str, str]) -> str:
    """A residue's one-letter code, its parent's if it is modified; X if it has none."""
    variant = _stated_parent(name, modified) or variant_parent(name)
    if variant:
        return AMINO_ACIDS[_TYPE_OF[variant]]
    code = tabulated(name).one_letter_code.strip()
    if not code and modified.get(name):
        return letter(modified[name], {}) if modified[name] != name else "X"
    if not code and is_nucleotide(name):
        return _LETTER_OF_BASE.get(name) or name.lstrip("DR")[0]
    return code.upper() or "X"


def letters(names: Sequence[str], modified: Mapping[str, str]) -> str:
    """The one-letter codes of residues."""
    code = {name: letter(name, modified) for name in set(names)}
    return "".join([code[name] for name in names])


def is_amino_acid(name: str) -> bool:
    """Whether the name is an amino acid's."""
    return bool(known_parent(name)) or tabulated(name).is_amino_acid()


def is_nucleotide(name: str) -> bool:
    """Whether the name is a nucleotide's, as the archive or a force field writes it."""
    return tabulated(name).is_nucleic_acid() or bool(_NUCLEOTIDE.fullmatch(name) and not tabulated(name).found())


def is_solvent(name: str) -> bool:
    """Whether the name is water's."""
    return name.upper() in _SOLVENT or tabulated(name).is_water()


def is_open(name: str) -> bool:
    """Whether nothing is known of the name, so that the atoms have to say what it is."""
    return not is_amino_acid(name) and not tabulated(name).found() and not is_nucleotide(name)


@lru_cache(maxsize=16384)
def element_of(residue: str, atom: str, stated: int) -> int:
    """Atomic number of an atom of an amino acid by its name, whatever column the name stands in; 0 if nothing tells it.

    In a standard residue the name decides, for it holds H, C, N, O and S only. In a modified one the stated element
    counts where the name agrees with it in its first letter.
    """
    name = atom.upper().lstrip("0123456789'\"*")
    first = _ELEMENTS.get(name[:1], 0)
    if name in ("N", "CA", "C", "O", "OXT", "CB") or (variant_parent(residue) and first and name[:2] != "SE"):
        return first
    if name[:2] == "LP" or (not first and not stated and variant_parent(residue) and name[:1] not in "A"):
        return NO_ATOM
    symbol = gemmi.Element(stated).name.upper() if stated else ""
    if symbol and name.startswith(symbol):
        return 1 if symbol == "D" else stated
    return _TWO_LETTERS.get(name[:2], 0) or first or stated
