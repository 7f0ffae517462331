"""A folder of structure files as a source: which file is whose, and which FASTA file lies beside it."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...errors import UserError
from ...storage.file_digests import FileDigests
from ...storage.ledger import Loss
from ...storage.plain_text import escaped, unseen
from .source import Located

_STRUCTURE = re.compile(r"(?P<stem>.+?)\.(?P<format>pdb|ent|cif|mmcif)(?P<gz>\.gz)?", re.IGNORECASE | re.DOTALL)
_ARCHIVE_STEM = re.compile(r"pdb([0-9][a-z0-9]{3})", re.IGNORECASE)
_FASTA_ENDINGS = (".fasta", ".fa", ".FASTA", ".FA")


class DirectorySource:
    """A folder of PDB and mmCIF files, plain or gzipped, in any mix; a file's id is its stem in upper case."""

    def __init__(self, directory: Path, *, ids: Sequence[str] | None, name: str, cache_dir: Path) -> None:
        if not directory.is_dir():
            raise UserError(f"proteins.directory: {directory}: there is no such folder")
        self._directory, self._wanted, self._name = directory, ids, name
        self._files, self._cache_dir = structure_files(directory), cache_dir
        self._unusable = {} if ids is not None else unusable_files(directory)
        self._fasta = common_fasta(directory, self._files.values())

    def ids(self) -> list[str]:
        """The wanted ids, or all that have a file, also one that cannot be used."""
        return sorted({*self._files, *self._unusable} if self._wanted is None else self._wanted)

    def local_paths(self) -> dict[str, Path]:
        """The files of `ids`."""
        return {id_: self._files[id_] for id_ in self.ids() if id_ in self._files}

    def local_fasta(self) -> dict[str, Path]:
        """The FASTA files beside the files of `ids`: of the same stem each, or one for all."""
        beside = {id_: fasta_beside(path) or self._fasta for id_, path in self.local_paths().items()}
        return {id_: path for id_, path in beside.items() if path is not None}

    def fetch(self, ids: Sequence[str]) -> dict[str, Located | Loss]:
        """Each id's file with a FASTA file of the same stem, or the one that the folder has for all."""
        digests = FileDigests.of_cache(self._cache_dir)  # known since the ids were collected
        return {id_: self._locate(id_, digests) for id_ in ids}

    def _locate(self, id_: str, digests: FileDigests) -> Located | Loss:
        path = self._files.get(id_)
        if path is None:
            reason = self._unusable.get(id_, f"no structure file of this id in {self._name}")
            return Loss(id_, "source", "", reason)
        try:
            return Located(path, fasta_beside(path) or self._fasta, digests.digest(path))
        except OSError as error:
            return Loss(id_, "source", "", f"the file cannot be read: {error.strerror}")


def structure_files(directory: Path) -> dict[str, Path]:
    """Structure files by id. Where an id has several, mmCIF wins, then a plain file, then the first by name."""
    found: dict[str, tuple[tuple[bool, bool, str], Path]] = {}
    for path in directory.iterdir():
        match = _STRUCTURE.fullmatch(path.name)
        if match is None or path.name.startswith(".") or why_unusable(path):
            continue
        rank = (match["format"].lower() not in ("cif", "mmcif"), match["gz"] is not None, path.name)
        id_ = protein_id(path)
        if id_ not in found or rank < found[id_][0]:
            found[id_] = (rank, path)
    return {id_: path for id_, (_, path) in found.items()}


def unusable_files(directory: Path) -> dict[str, str]:
    """Why a file that is called like a structure cannot be used, by what takes the place of its id."""
    named = [p for p in directory.iterdir() if _STRUCTURE.fullmatch(p.name) and not p.name.startswith(".")]
    return {escaped(protein_id(path)): why for path in sorted(named) if (why := why_unusable(path))}


def why_unusable(path: Path) -> str:
    """What keeps a path from being a protein's file, "" where nothing does; its content is not looked at."""
    if hidden := unseen(path.name):
        if any("\ud800" <= character <= "\udfff" for character in hidden):
            return "the file's name is not UTF-8; rename it"
        return (
            f"the file's name holds {', '.join(f'U+{ord(c):04X}' for c in hidden)}, which no table can show; rename it"
        )
    if path.is_file():
        return ""
    return "a folder" if path.is_dir() else "a link to nothing" if path.is_symlink() else "neither a file nor a folder"


def protein_id(path: Path) -> str:
    """A file's id: its stem in upper case; the archive's own names (pdb1abc.ent.gz) lose their prefix."""
    match = _STRUCTURE.fullmatch(path.name)
    stem = match["stem"] if match else path.name.partition(".")[0]
    archive = _ARCHIVE_STEM.fullmatch(stem)
    return (archive[1] if archive else stem).upper()


def common_fasta(directory: Path, structures: Iterable[Path]) -> Path | None:
    """The folder's one FASTA file that is no single structure's; None where there is none, or more than one."""
    stems = {_stem(path) for path in structures}
    found = [
        path
        for path in directory.iterdir()
        if path.name.endswith(_FASTA_ENDINGS)
        and not path.name.startswith(".")
        and path.stem not in stems
        and not why_unusable(path)
    ]
    return found[0] if len(found) == 1 else None


def _stem(path: Path) -> str:
    match = _STRUCTURE.fullmatch(path.name)
    return match["stem"] if match else path.stem


def fasta_beside(path: Path) -> Path | None:
    """The FASTA file of the same stem that lies beside a structure file, if there is one."""
    match = _STRUCTURE.fullmatch(path.name)
    if match is None:
        return None
    candidates = (path.with_name(match["stem"] + ending) for ending in _FASTA_ENDINGS)
    return next((candidate for candidate in candidates if candidate.is_file()), None)
