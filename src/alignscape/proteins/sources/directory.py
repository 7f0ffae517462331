"""A folder of structure files as a source."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from ...config.proteins import Proteins, SourceBlock
from ...errors import UserError
from ...storage.file_digests import FileDigests
from ...storage.ledger import Omission
from .file_names import is_fasta_name, stem_of
from .folder import Folder, ids_wanted, read_folder
from .source import Located


class Directory(SourceBlock):
    """A folder of one's own."""

    title = "a folder of structure files"

    @classmethod
    def incomplete(cls, proteins: Proteins) -> str | None:
        """Which folder."""
        needed = "`source: directory` needs `directory`, the folder of structure files"
        return needed if proteins.directory is None else None


BLOCK = Directory


def open_entries(proteins: Proteins, ids: list[str] | None, *, cache_dir: Path, seed: int) -> "DirectorySource":
    """The folder that the config names."""
    assert proteins.directory is not None
    folder, recursive = proteins.directory, proteins.recursive
    return DirectorySource(folder, ids=ids, name=str(folder), cache_dir=cache_dir, recursive=recursive)


class DirectorySource:
    """A folder of PDB, mmCIF and BinaryCIF files, packed or not, in any mix; a file's id is its stem in upper case."""

    def __init__(
        self, directory: Path, *, ids: Sequence[str] | None, name: str, cache_dir: Path, recursive: bool = True
    ) -> None:
        if not directory.is_dir():
            raise UserError(f"proteins.directory: {directory}: there is no such folder")
        self._directory, self._wanted, self._name = directory, ids, name
        self._cache_dir, self._recursive = cache_dir, recursive

    @cached_property
    def _digests(self) -> FileDigests:
        return FileDigests.of_cache(self._cache_dir)  # known since the ids were collected

    @cached_property
    def _folder(self) -> Folder:
        return self._read(only=None)

    def _read(self, only: Sequence[str] | None) -> Folder:
        digest = lambda path: self._digests.digest(path)  # noqa: E731 - opens the digests only if names clash
        return read_folder(self._directory, recursive=self._recursive, digest=digest, only=only)

    def ids(self) -> list[str]:
        """The wanted ids, or all that have a file."""
        return sorted(self._folder.structures if self._wanted is None else self._wanted)

    def local_paths(self) -> dict[str, Path]:
        """The files of `ids`."""
        return {id_: self._folder.structures[id_] for id_ in self.ids() if id_ in self._folder.structures}

    def local_fasta(self) -> dict[str, Path]:
        """The FASTA files beside the files of `ids`: of the same stem each, or one for all."""
        return {id_: self._folder.fasta[id_] for id_ in self.local_paths() if id_ in self._folder.fasta}

    def not_read(self) -> list[Omission]:
        """A line for each file of the folder that is no protein of `ids`, but for those that a list leaves out."""
        lines = self._folder.not_read
        return lines if self._wanted is None else ids_wanted(lines, self._wanted)

    def fetch(self, ids: Sequence[str]) -> dict[str, Located | Omission]:
        """Each id's file with a FASTA file of the same stem, or the one that the folder has for all."""
        if "_folder" not in vars(self):  # a job that wants a few of many files
            few = self._read(only=ids)
            if all(id_ in few.structures for id_ in ids):
                return {id_: self._locate(few, id_) for id_ in ids}
        return {id_: self._locate(self._folder, id_) for id_ in ids}

    def _locate(self, folder: Folder, id_: str) -> Located | Omission:
        path = folder.structures.get(id_)
        if path is None:
            several = ", ".join(folder.shared.get(id_, []))
            what = f"several files could be {id_}; their ids are {several}" if several else ""
            return Omission(id_, "source", "", what or f"no structure file of this id in {self._name}")
        try:
            return Located(path, folder.fasta.get(id_), self._digests.digest(path))
        except OSError as error:
            return Omission(id_, "source", "", f"the file cannot be read: {error.strerror}")


def fasta_beside(path: Path) -> Path | None:
    """The FASTA file of the same stem that lies beside a structure file, if there is one."""
    stem = stem_of(path.name).lower()
    beside = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    return next((p for p in beside if is_fasta_name(p.name) and stem_of(p.name).lower() == stem and p.is_file()), None)
