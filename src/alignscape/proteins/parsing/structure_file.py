"""A structure file's text, or the plain reason why the file is none."""

import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...errors import ProteinRejected
from .pdb_header import first_atom_line

Format = Literal["pdb", "mmcif"]
_GZIP = b"\x1f\x8b"
_CIF_START = re.compile(r"\A(?:\s*#[^\n]*\n|\s+)*data_", re.IGNORECASE)


@dataclass(frozen=True)
class StructureText:
    """The text of a structure file, with Unix line ends."""

    text: str
    format: Format


def read_structure_text(path: str | Path) -> StructureText:
    """The text of a PDB or mmCIF file, gzipped or not; its content decides, not its name.

    Raises ProteinRejected with the ledger's reason for a file that is absent, unreadable, a folder, empty, truncated,
    damaged, an error page or no structure.
    """
    try:
        stored = Path(path).read_bytes()
    except FileNotFoundError:
        raise ProteinRejected("there is no such file") from None
    except IsADirectoryError:
        raise ProteinRejected("a folder, not a file; name the files in it") from None
    except OSError as error:
        raise ProteinRejected(f"the file cannot be read: {error.strerror}") from None
    text = _decode(decompress(stored) if stored.startswith(_GZIP) else stored)
    return StructureText(text, recognise(text))


def decompress(stored: bytes) -> bytes:
    """The content of a gzip file. Raises ProteinRejected if it is truncated or damaged."""
    try:
        return gzip.decompress(stored)
    except EOFError:
        raise ProteinRejected("truncated gzip file: it ends before its data do") from None
    except (gzip.BadGzipFile, zlib.error):
        raise ProteinRejected("damaged gzip file: it does not decompress") from None


def recognise(text: str) -> Format:
    """Which format a text is in. Raises ProteinRejected, saying what it is instead, if it is neither."""
    start = text.lstrip()[:1000].lower()
    if not start:
        raise ProteinRejected("empty file")
    if start.startswith("<"):
        what = "an HTML page" if "<html" in start or "<!doctype html" in start else "an XML file"
        raise ProteinRejected(f"not a structure file: {what}, not PDB or mmCIF")
    if _CIF_START.match(text):
        return "mmcif"
    if "\n_atom_site." in text:
        raise ProteinRejected("not a structure file: mmCIF, but it does not begin with a data block (data_...)")
    if first_atom_line(text) >= 0:
        return "pdb"
    raise ProteinRejected("not a structure file: neither PDB atom records nor an mmCIF data block")


def _decode(content: bytes) -> str:
    content = content.rstrip(b"\0\r\n")  # blocks that a copy did not fill
    if b"\0" in content:
        raise ProteinRejected("not a structure file: binary data, not PDB or mmCIF text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")
