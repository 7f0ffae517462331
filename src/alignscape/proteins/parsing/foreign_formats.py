"""What a file is that is no structure file we read, in the words of who made it."""

from pathlib import PurePath

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive: unpack it"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x9d", "a file of Unix compress (.Z): unpack it"),
    (b"\x1f\xa0", "a file of Unix compress (.Z): unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it"),
    (b"Rar!", "a rar archive: unpack it"),
    (b"\x04\x22\x4d\x18", "a file of lz4: unpack it"),
    (b"\xff\xfe", "text in UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16: save it as UTF-8"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"SQLite format 3", "an SQLite database"),
    (b"FCMP", "Foldcomp: unpack it with `foldcomp decompress`"),
    (b"\x80\x02", "a Python pickle"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
    (b"CDF\x01", "a NetCDF file"),
    (b"CDF\x02", "a NetCDF file"),
    (b"T\x00\x00\x00CORD", "a trajectory (DCD)"),
    (b"\x00\x00\x07\xcb", "a trajectory (XTC)"),
    (b"\x00\x00\x07\xc9", "a trajectory (TRR)"),
)
_ENDINGS = {
    "pqr": "PQR: charges and radii in place of the columns of PDB",
    "pdbqt": "PDBQT of AutoDock, not PDB",
    "mmtf": "MMTF, which the archive gave up in 2024; take the mmCIF file",
    "fcz": "Foldcomp: unpack it with `foldcomp decompress`",
    "gro": "a coordinate file of GROMACS (GRO)",
    "crd": "a coordinate file (CRD)",
    "xyz": "XYZ: atoms without residues",
    "mol2": "MOL2: a small molecule",
    "sdf": "SDF: a small molecule",
    "mol": "MOL: a small molecule",
    "pse": "a session of PyMOL",
    "cxs": "a session of ChimeraX",
    "psf": "a topology (PSF)",
    "prmtop": "a topology of Amber",
    "parm7": "a topology of Amber",
    "rst7": "coordinates of Amber without names",
    "inpcrd": "coordinates of Amber without names",
    "tpr": "a run file of GROMACS",
    "xtc": "a trajectory (XTC)",
    "trr": "a trajectory (TRR)",
    "dcd": "a trajectory (DCD)",
    "mtz": "structure factors (MTZ)",
    "map": "a density map",
    "mrc": "a density map",
    "ccp4": "a density map",
    "a3m": "an alignment (A3M)",
    "sto": "an alignment (Stockholm)",
    "silent": "a silent file of Rosetta: extract its models",
}
_MAP = frozenset(range(0x80, 0x90)) | {0xDE, 0xDF}  # MessagePack's maps


def foreign_ending(name: str) -> str:
    """What a file is by its ending, "" where that is no foreign one: `x.pqr.gz` is PQR."""
    parts = [part.lower() for part in PurePath(name).name.split(".")[1:]]
    parts = [part for part in parts if part not in ("gz", "bz2", "xz", "zst")]
    return _ENDINGS.get(parts[-1], "") if parts else ""


def is_message_map(content: bytes) -> bool:
    """Whether bytes begin as a MessagePack map does, in which BinaryCIF and MMTF are written."""
    return content[:1] != b"" and content[0] in _MAP


def foreign_bytes(content: bytes) -> str:
    """What bytes are that are no text, "" if nothing speaks against text."""
    for start, what in _STARTS:
        if content.startswith(start):
            return what
    if is_message_map(content) and b"mmtf" in content[:4096].lower():
        return _ENDINGS["mmtf"]
    if content[257:262] == b"ustar":
        return "a tar archive: unpack it"
    if b"\0" not in content:
        return ""
    return "text in UTF-16: save it as UTF-8" if _is_every_other_byte_zero(content[:4096]) else "binary data"


def _is_every_other_byte_zero(content: bytes) -> bool:
    shares = [half.count(0) / max(len(half), 1) for half in (content[::2], content[1::2])]
    return min(shares) < 0.05 and max(shares) > 0.95


def foreign_text(text: str) -> str:
    """What a text is that is neither PDB nor mmCIF, "" if that cannot be told."""
    start = text.lstrip()[:1000].lower()
    if not start:
        return "an empty file"
    if start.startswith("<"):
        if "pdbx:datablock" in start or "pdbml" in start:
            return "PDBML (XML); take the mmCIF file"
        return "an HTML page (a web page)" if "<html" in start or "<!doctype html" in start else "an XML file"
    if start[0] in "{[":
        return "JSON"
    if "@<tripos>" in start:
        return _ENDINGS["mol2"]
    if start.startswith(">"):
        return "FASTA: a sequence without a structure"
    if "v2000" in start or "v3000" in start:
        return _ENDINGS["sdf"]
    return ""
