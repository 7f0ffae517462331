"""What is in structure files, as a biologist would check them, and why those that are not read are not."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ProteinRejected
from ..storage.plain_text import escaped

if TYPE_CHECKING:
    from ..proteins.facts import ProteinFacts
    from ..proteins.structure import Structure

_FORMATS = {"pdb": "PDB", "mmcif": "mmCIF", "bcif": "BinaryCIF"}
_TOLD = 6  # names of ligands, gaps, reasons on a line


@dataclass(frozen=True)
class Inspected:
    """One file. `error` says why it is not read; then there is nothing else of it but, if it is known, the format."""

    file: str
    format: str | None  # pdb, mmcif, bcif
    packing: str = ""  # gzip, bzip2, xz, zstd
    models: int = 0
    residues: int = 0  # of polypeptides, with at least one atom that was read
    atoms: int = 0  # heavy ones of these residues
    chains: list[dict[str, Any]] = field(default_factory=list)  # id, residues
    elements: dict[str, int] = field(default_factory=dict)
    modified: dict[str, int] = field(default_factory=dict)  # read as their parents, by name
    left_out: dict[str, int] = field(default_factory=dict)  # ligands, waters, nucleotides, by name
    gaps: list[str] = field(default_factory=list)
    plddt: float | None = None  # mean
    lost: list[str] = field(default_factory=list)
    error: str | None = None


def inspect(paths: Iterable[Path]) -> Iterator[Inspected]:
    """The files, one after the other; a folder's with those in its subfolders."""
    from ..proteins.sources.folder import why_not_structure
    from ..proteins.sources.walk import walk

    for path in paths:
        if not path.is_dir():
            yield inspect_file(path)
            continue
        for file, reason in walk(path, recursive=True):
            reason = reason or why_not_structure(file)
            yield Inspected(escaped(str(file)), None, error=reason) if reason else inspect_file(file)


def inspect_file(path: Path) -> Inspected:
    """One file, read as a study reads it."""
    from ..config.proteins import MOST_ATOMS
    from ..proteins.parsing.compression import packing, read_stored
    from ..proteins.parsing.parse import parse_structure
    from ..proteins.parsing.structure_file import read_structure_file
    from ..proteins.sources.file_names import protein_id

    kind, packed = None, ""
    try:
        content = read_structure_file(path, most_atoms=MOST_ATOMS)
        kind, packed = content.format, packing(read_stored(path)[:8])
        structure, facts = parse_structure(path, id=protein_id(path))
    except ProteinRejected as reason:
        return Inspected(escaped(str(path)), kind, packed, error=escaped(str(reason)))
    return Inspected(
        escaped(str(path)), kind, packed, **_protein(structure, facts) | _beside(content, structure, facts)
    )


def _protein(structure: "Structure", facts: "ProteinFacts") -> dict[str, Any]:
    import gemmi
    import numpy as np

    counts = np.bincount(structure.residue_chain, minlength=len(structure.chain_author)).tolist()
    chains = zip(structure.chain_author.tolist(), counts, strict=True)
    elements = Counter(structure.atom_element.tolist()).most_common()
    return {
        "residues": structure.n_residues,
        "atoms": structure.n_atoms,
        "chains": [{"id": chain, "residues": n} for chain, n in chains if n],
        "elements": {gemmi.Element(number).name: n for number, n in elements},
        "lost": [str(lost) for lost in facts.lost],
    }


def _beside(content: Any, structure: "Structure", facts: "ProteinFacts") -> dict[str, Any]:
    from ..proteins.parsing.survey import gaps, modified_residues, survey

    try:
        found = survey(content, structure, facts)
    except Exception as error:  # the protein was read: what lies beside it must not cost it its line
        return {"lost": [*map(str, facts.lost), f"all beside the protein: {type(error).__name__}"]}
    return {
        "models": found.models,
        "modified": modified_residues(structure),
        "left_out": found.others,
        "gaps": [f"{chain} {before}-{after}" for chain, before, after in gaps(structure)],
        "plddt": None if found.plddt is None else round(float(found.plddt.mean()), 1),
    }


def json_line(found: Inspected) -> str:
    """One object on one line."""
    return json.dumps(vars(found), ensure_ascii=False)


def line(found: Inspected) -> str:
    """One line for a person."""
    if found.error is not None:
        return f"{found.file}: not read: {found.error}"
    packed = f" ({found.packing})" if found.packing else ""
    parts = [
        f"{_FORMATS[found.format or 'pdb']}{packed}, {_several(found.models, 'model')}",
        "chains " + ", ".join(f"{chain['id'] or '(blank)'} {chain['residues']}" for chain in found.chains),
        f"{_several(found.residues, 'residue')}, {found.atoms} atoms ({_counts(found.elements)})",
    ]
    parts += [f"modified {_counts(found.modified)}"] if found.modified else []
    parts += [f"left out {_counts(found.left_out)}"] if found.left_out else []
    parts += [f"{_several(len(found.gaps), 'gap')} ({_few(found.gaps)})"] if found.gaps else []
    parts += [f"pLDDT {found.plddt:.1f} on average"] if found.plddt is not None else []
    parts += [f"lost: {_few(found.lost)}"] if found.lost else []
    return escaped(f"{found.file}: {'; '.join(parts)}")  # names of chains and ligands are the file's


def summary(found: Sequence[Inspected]) -> str:
    """How many files were read and what they hold, and how many were not and why."""
    read = [each for each in found if each.error is None]
    formats = Counter(_FORMATS[each.format or "pdb"] for each in read)
    residues = sum(each.residues for each in read)
    lines = [f"{_several(len(found), 'file')}: {len(read)} read ({_counts(formats)}), {_several(residues, 'residue')}"]
    losing = sum(bool(each.lost) for each in read)
    lines += [f"{_several(losing, 'file')} lost atoms or residues on the way"] if losing else []
    reasons = Counter(
        each.error.removeprefix("not a structure file: ").partition(": ")[0] for each in found if each.error
    )
    lines += [f"{n} not read: {reason}" for reason, n in reasons.most_common()]
    return "\n".join(lines)


def _several(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _counts(counts: Any) -> str:
    return _few([f"{name} {n}" for name, n in counts.items()]) if counts else "none"


def _few(texts: Sequence[str]) -> str:
    rest = len(texts) - _TOLD
    return ", ".join(texts[:_TOLD]) + (f" and {rest} more" if rest > 0 else "")
