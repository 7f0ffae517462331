"""The header of a PDB file: COMPND, SOURCE, SEQRES, MODRES, TITLE, KEYWDS, EXPDTA."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

_ATOM_LINE = re.compile(r"^(?:ATOM  |ATOM ?\d{5}|HETATM)", re.MULTILINE | re.IGNORECASE)
_COMPOUND_KEYS = (
    "MOL_ID", "MOLECULE", "CHAIN", "FRAGMENT", "SYNONYM", "EC", "ENGINEERED", "MUTATION",
    "OTHER_DETAILS", "BIOLOGICAL_UNIT",
)  # fmt: skip
_SOURCE_KEYS = (
    "MOL_ID", "SYNTHETIC", "FRAGMENT", "ORGANISM_SCIENTIFIC", "ORGANISM_COMMON", "ORGANISM_TAXID", "STRAIN",
    "VARIANT", "CELL_LINE", "ATCC", "ORGAN", "TISSUE", "CELL", "ORGANELLE", "SECRETION", "CELLULAR_LOCATION",
    "PLASMID", "GENE", "OTHER_DETAILS", r"EXPRESSION_SYSTEM\w*",
)  # fmt: skip
_EC = re.compile(r"\b\d+(?:\.(?:\d+|-)){1,3}(?!\w)")
_EC_IN_NAME = re.compile(r"\(?\bE\.?\s?C\.?[ :.]?\s*(\d+(?:\.(?:\d+|-)){1,3})\)?")
_STATED_NOTHING = {"", "NULL", "NOT STATED", "N/A", "?", "."}


@dataclass
class Molecule:
    """One MOL_ID of COMPND with its part of SOURCE."""

    chains: list[str]
    name: str = ""
    ec: list[str] = field(default_factory=list)
    organism: str = ""
    taxonomy_id: int | None = None


@dataclass
class PdbHeader:
    """What the title section says."""

    title: str
    keywords: str
    method: str
    molecules: list[Molecule]
    seqres: dict[str, list[str]]  # residue names by chain, in the file's order
    modified: dict[str, str]  # MODRES: name -> standard parent
    numbered: bool = False  # columns 73-80 hold the entry's code and a line number, as before 1996


def first_atom_line(text: str) -> int:
    """Where the first atom record begins; -1 if there is none."""
    if text.startswith(("ATOM  ", "HETATM")):
        return 0
    atom = text.find("\nATOM  ")
    hetero = text.find("\nHETATM", 0, atom if atom >= 0 else None)
    first = hetero if hetero >= 0 else atom
    if first < 0:
        other = _ATOM_LINE.search(text)
        return other.start() if other else -1
    return first + 1


def read_pdb_header(text: str) -> PdbHeader:
    """The header of a PDB file's text. Records it lacks are empty; free text of before 1996 is understood too."""
    atoms = first_atom_line(text)
    records = defaultdict(list)
    for line in text[: atoms if atoms >= 0 else None].split("\n"):
        records[line[:6].rstrip()].append(line)
    numbered = _numbered_columns(records["HEADER"], text[atoms : atoms + 80].split("\n", 1)[0] if atoms >= 0 else "")
    last = 70 if numbered else 80
    join = {name: _join([line[10:last] for line in records[name]]) for name in ("TITLE", "KEYWDS", "EXPDTA")}
    compound = _join([line[10:last] for line in records["COMPND"]])
    source = _join([line[10:last] for line in records["SOURCE"]])
    return PdbHeader(
        title=join["TITLE"],
        keywords=join["KEYWDS"],
        method=join["EXPDTA"],
        molecules=_molecules(compound, source),
        seqres=_seqres(records["SEQRES"]),
        modified={line[12:15].strip(): line[24:27].strip() for line in records["MODRES"]},
        numbered=numbered,
    )


def _numbered_columns(header: list[str], atom: str) -> bool:
    """Whether columns 73-80 of the HEADER or of the first atom hold the entry's code and a line number."""
    by_header = bool(header) and header[0][62:66].strip() != "" and header[0][72:76] == header[0][62:66]
    return by_header or atom[76:80].strip().isdigit()


def _join(pieces: list[str]) -> str:
    """Continued text as one line; a word broken after its hyphen is mended."""
    text = ""
    for piece in (piece.strip() for piece in pieces):
        broken = text.endswith("-") and not text.endswith(" -")
        text += piece if not text or broken else f" {piece}"
    return re.sub(r"\s+", " ", text)


def _seqres(lines: list[str]) -> dict[str, list[str]]:
    chains: dict[str, list[str]] = {}
    for line in lines:
        chains.setdefault(line[10:12].strip(), []).extend(line[19:70].split())
    return chains


def _specification(text: str, keys: tuple[str, ...]) -> list[dict[str, str]]:
    """The `KEY: value;` list of COMPND or SOURCE, one dict a MOL_ID."""
    # A key stands after a semicolon; where that was forgotten, only the known ones are taken for keys.
    parts = re.split(rf"(?:^|;)\s*([A-Z_]{{2,}}):\s*|\s({'|'.join(keys)}):\s*", text)
    molecules: list[dict[str, str]] = []
    for key, known, value in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        key = key or known
        if key == "MOL_ID" or not molecules:
            molecules.append({})
        molecules[-1].setdefault(key, value.strip().rstrip(";").strip())
    return molecules


def _molecules(compound: str, source: str) -> list[Molecule]:
    if "MOL_ID:" not in compound:
        return [_free_text(compound, source)] if compound else []
    origins = {part.get("MOL_ID"): part for part in _specification(source, _SOURCE_KEYS)}
    found = []
    for part in _specification(compound, _COMPOUND_KEYS):
        origin = origins.get(part.get("MOL_ID"), {})
        organism = _stated(origin.get("ORGANISM_SCIENTIFIC", "")) or _stated(origin.get("ORGANISM_COMMON", ""))
        taxonomy_id = re.match(r"\d+", origin.get("ORGANISM_TAXID", ""))
        found.append(
            Molecule(
                chains=[c for c in re.split(r"[,\s]+", part.get("CHAIN", "")) if c and c.upper() != "NULL"],
                name=_stated(part.get("MOLECULE", "")),
                ec=_EC.findall(part.get("EC", "")),
                organism=organism,
                taxonomy_id=int(taxonomy_id[0]) if taxonomy_id else None,
            )
        )
    return found


def _stated(value: str) -> str:
    return "" if value.upper() in _STATED_NOTHING else value


def _free_text(compound: str, source: str) -> Molecule:
    """COMPND and SOURCE of before 1996: a name with E.C. numbers in it, and an organism in parentheses."""
    name = _EC_IN_NAME.sub("", _untypeset(compound))
    natural = re.split(r"\b(?:EXPRESSED|EXPRESSION|RECOMBINANT)\b", _untypeset(source))[0]
    in_parentheses = re.findall(r"\(([A-Z][A-Z]+ [A-Z]{2}[A-Z.]*(?: [A-Z]{3,})?)[^()]*\)", natural)
    return Molecule(
        chains=[],
        name=re.sub(r"\s+", " ", name).strip(" ,;"),
        ec=_EC_IN_NAME.findall(compound),
        organism=in_parentheses[0] if in_parentheses else "",
    )


def _untypeset(text: str) -> str:
    """The text without the marks that once steered a line printer: $ lower case, /...$ upper case, =...= subscript."""
    text = re.sub(r"/(\w+)\$", r"\1", text)
    return re.sub(r"=([\w,+-]+)=", r"\1", text.replace("$", ""))
