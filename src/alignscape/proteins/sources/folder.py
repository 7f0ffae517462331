"""A folder as a biologist sees it: the structure files by id, the FASTA files beside them, and what the rest is."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from ...errors import ProteinRejected
from ...storage.ledger import NOT_READ, Omission
from ...storage.plain_text import escaped
from ..parsing.compression import peek
from ..parsing.foreign_formats import foreign_ending
from .file_names import is_fasta_name, is_structure_name, other_ending, protein_id, stem_of
from .own_ids import own_ids
from .walk import names_below, why_unusable


@dataclass(frozen=True)
class Folder:
    """What a folder holds."""

    structures: dict[str, Path]  # by id
    fasta: dict[str, Path]  # by id, for the structures that have one
    not_read: list[Omission]  # a line for each other file, by its path below the folder
    shared: dict[str, list[str]]  # an id that several files could have -> the ids that they have


def read_folder(
    directory: Path, *, recursive: bool, digest: Callable[[Path], str], only: Collection[str] | None = None
) -> Folder:
    """The folder's files, sorted out by their names; those without a structure's ending also by how they begin.

    only: ids of entries, where no others are wanted; then files that can be none of theirs are not even asked for their
    size, which for a few of very many files is most of the time. Such an id may be missing that the whole folder has.
    """
    found = list(names_below(directory, recursive=recursive))
    passed_over = dict[Path, str]() if only is None else _not_asked_for([p for p, reason in found if not reason], only)
    structures, fastas, others = [], [], dict[Path, str]()
    for path, reason in found:
        if path in passed_over:
            continue
        reason = reason or why_unusable(path)
        if not reason and is_fasta_name(path.name):
            fastas.append(path)
        elif reason or (reason := why_not_structure(path)):
            others[path] = reason
        else:
            structures.append(path)
    own = own_ids(structures, directory, digest=digest, taken=set(passed_over.values()))
    fasta = _fasta_of(own.files, fastas, directory) if fastas else {}
    others |= {path: "FASTA of no structure file here" for path in set(fastas) - set(fasta.values())}
    id_of = {path: id_ for id_, path in own.files.items()}
    others |= {
        path: f"a copy: its content is that of {_below(first, directory)}, read as {id_of[first]}"
        for path, first in own.copies.items()
    }
    lines = [
        Omission(_below(path, directory), "source", "", f"{NOT_READ}{why}") for path, why in sorted(others.items())
    ]
    return Folder(own.files, fasta, lines, own.shared)


def _not_asked_for(paths: Collection[Path], only: Collection[str]) -> dict[Path, str]:
    """The files, by their names, that are of no id in `only` and share theirs with no other file: path and id.

    Their FASTA files are among them, and files of other endings, which hold no protein's structure.
    """
    structures, fastas, passed_over = dict[str, list[Path]](), list[Path](), dict[Path, str]()
    for path in paths:
        if is_structure_name(path.name) or not other_ending(path.name):
            structures.setdefault(protein_id(path), []).append(path)
        elif is_fasta_name(path.name):
            fastas.append(path)
        else:
            passed_over[path] = ""
    wanted = set(only)
    alone = ((id_, group[0]) for id_, group in structures.items() if len(group) == 1 and id_ not in wanted)
    passed_over |= {path: id_ for id_, path in alone}
    if fastas:
        stems = {(path.parent, stem_of(path.name).lower()) for path in passed_over}
        passed_over |= dict.fromkeys((p for p in fastas if (p.parent, stem_of(p.name).lower()) in stems), "")
    return passed_over


def why_not_structure(path: Path) -> str:
    """What a file is that is no structure file, "" for one that is or is called so; the parser looks closer."""
    if is_structure_name(path.name):
        return ""
    foreign = foreign_ending(path.name)
    return foreign or _why_not_by_content(path)


def _why_not_by_content(path: Path) -> str:
    from ..parsing.structure_file import recognise

    try:
        found = recognise(peek(path))
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except ProteinRejected as reason:
        return str(reason).removeprefix("not a structure file: ")
    ending = other_ending(path.name)
    what = {"pdb": "PDB", "mmcif": "mmCIF", "bcif": "BinaryCIF"}[found.format]
    return f"{what}, but its name ends in {ending}: rename it to have it read" if ending else ""


def _fasta_of(structures: dict[str, Path], fastas: Iterable[Path], directory: Path) -> dict[str, Path]:
    """For each id the FASTA file of its stem beside it; else the one that its folder, or the whole, has for all."""
    own = {(path.parent, stem_of(path.name).lower()): path for path in sorted(fastas, reverse=True)}
    stems = {(path.parent, stem_of(path.name).lower()) for path in structures.values()}
    common: dict[Path, list[Path]] = {}
    for key, path in own.items():
        if key not in stems:
            common.setdefault(path.parent, []).append(path)
    one = {folder: paths[0] for folder, paths in common.items() if len(paths) == 1}
    result = {}
    for id_, path in structures.items():
        beside = own.get((path.parent, stem_of(path.name).lower())) or one.get(path.parent) or one.get(directory)
        if beside is not None:
            result[id_] = beside
    return result


def _below(path: Path, directory: Path) -> str:
    return escaped(path.relative_to(directory).as_posix())


def ids_wanted(lines: Iterable[Omission], wanted: Iterable[str]) -> list[Omission]:
    """The lines of files that, by their names, are of the wanted ids."""
    chosen = set(wanted)
    return [line for line in lines if protein_id(Path(line.id)) in chosen or Path(line.id).stem.upper() in chosen]
