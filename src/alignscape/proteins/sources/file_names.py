"""What the names of structure and FASTA files say: the protein's id, the format, the packing."""

import re
from pathlib import Path

from .entry_ids import entry_of_stem

_PACKED = r"\.(?:gz|bz2|xz|zst)"
_STRUCTURE = re.compile(
    rf"(?P<stem>.+?)\.(?P<format>pdb\d*|ent|brk|cif|mmcif|bcif)(?P<packed>{_PACKED})?", re.IGNORECASE | re.DOTALL
)
_FASTA = re.compile(r"(?P<stem>.+?)\.(?:fasta|fas|faa|fa)", re.IGNORECASE | re.DOTALL)
_LAST_ENDING = re.compile(r"\.[a-z][a-z0-9_~-]*", re.IGNORECASE)
_RANKS = {"cif": 0, "mmcif": 0, "bcif": 1}


def is_structure_name(name: str) -> bool:
    """Whether a name has one of the usual endings of structure files."""
    return _STRUCTURE.fullmatch(name) is not None


def is_fasta_name(name: str) -> bool:
    """Whether a name has one of the usual endings of FASTA files."""
    return _FASTA.fullmatch(name) is not None


def other_ending(name: str) -> str:
    """The ending of a name that is no structure's, packing aside; "" where it has none: `d1asha_`, `model_v1.2`."""
    ending = Path(_unpacked(name)).suffix
    return ending if _LAST_ENDING.fullmatch(ending) else ""


def stem_of(name: str) -> str:
    """A structure or FASTA file's name without its endings."""
    match = _STRUCTURE.fullmatch(name) or _FASTA.fullmatch(name)
    return match["stem"] if match else _unpacked(name)


def protein_id(path: Path) -> str:
    """A file's id: its stem in upper case; the archive's own names (pdb1abc.ent.gz, pdb_00001abc.cif) are their entry's.

    A colon becomes _, since what follows one in an id are chains.
    """
    return without_colons(entry_of_stem(stem_of(path.name)))


def without_colons(name: str) -> str:
    """A name that can be the id of a whole entry."""
    return name.replace(":", "_")


def reading_rank(name: str) -> tuple[int, bool]:
    """Which of several files of one name comes first: mmCIF before BinaryCIF before PDB, plain before packed."""
    match = _STRUCTURE.fullmatch(name)
    if match is None:
        return len(_RANKS), False
    return _RANKS.get(match["format"].lower(), len(_RANKS)), match["packed"] is not None


def _unpacked(name: str) -> str:
    return re.sub(rf"{_PACKED}\Z", "", name, flags=re.IGNORECASE)
