"""A structure file's content, or the plain reason why the file is none."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...errors import ProteinRejected
from .atom_limit import require_few_in_text
from .compression import decompress, read_stored
from .foreign_formats import foreign_bytes, foreign_ending, foreign_text, is_message_map
from .pdb_header import first_atom_line

Format = Literal["pdb", "mmcif", "bcif"]
_CIF_START = re.compile(r"\A(?:\s*#[^\n]*\n|\s+)*data_", re.IGNORECASE)


@dataclass(frozen=True)
class StructureContent:
    """What a structure file holds: text with Unix line ends, or the unpacked bytes of BinaryCIF."""

    text: str
    format: Format
    binary: bytes = b""


def read_structure_file(path: str | Path, *, most_atoms: int | None = None) -> StructureContent:
    """The content of a PDB, mmCIF or BinaryCIF file, packed or not; the content decides on the format, not the name.

    most_atoms: that it may have, where there is a limit; those of BinaryCIF are counted when it is decoded.
    Raises ProteinRejected with the ledger's reason for a file that is absent, unreadable, a folder or pipe, empty,
    truncated, damaged, too large, or something else, which the reason names.
    """
    foreign = foreign_ending(Path(path).name)
    if foreign:
        raise ProteinRejected(f"not a structure file: {foreign}")
    content = recognise(decompress(read_stored(path, most_atoms=most_atoms), most_atoms=most_atoms))
    if most_atoms is not None:
        require_few_in_text(content.text, most_atoms)
    return content


def recognise(content: bytes) -> StructureContent:
    """Unpacked content with its format. Raises ProteinRejected, saying what it is instead, if it is no structure."""
    foreign = foreign_bytes(content.rstrip(b"\0\r\n"))  # blocks at the end that a copy did not fill
    if is_message_map(content) and b"dataBlocks" in content and not foreign.startswith("MMTF"):
        return StructureContent("", "bcif", content)
    if foreign:
        raise ProteinRejected(f"not a structure file: {foreign}, not PDB, mmCIF or BinaryCIF")
    text = _decode(content)
    return StructureContent(text, _text_format(text))


def _text_format(text: str) -> Format:
    foreign = foreign_text(text)
    if foreign == "an empty file":
        raise ProteinRejected("empty file")
    if foreign:
        raise ProteinRejected(f"not a structure file: {foreign}, not PDB or mmCIF")
    if _CIF_START.match(text):
        return "mmcif"
    if "\n_atom_site." in text:
        raise ProteinRejected("not a structure file: mmCIF, but it does not begin with a data block (data_...)")
    if first_atom_line(text) >= 0:
        return "pdb"
    raise ProteinRejected("not a structure file: neither PDB atom records nor an mmCIF data block")


def _decode(content: bytes) -> str:
    content = content.rstrip(b"\0\r\n")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")
