"""Where structure files come from: the embedded data set, a directory, or RCSB. Nothing heavy is imported here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from ..config.proteins import Proteins
from ..errors import UserError
from ..storage.file_digests import FileDigests
from ..storage.files import read_json, write_json
from ..storage.ledger import Loss

_STRUCTURE = re.compile(r"(?P<stem>.+?)\.(?P<format>pdb|ent|cif|mmcif)(?P<gz>\.gz)?", re.IGNORECASE)
_ARCHIVE_STEM = re.compile(r"pdb([0-9][a-z0-9]{3})", re.IGNORECASE)
_FASTA_ENDINGS = (".fasta", ".fa", ".FASTA", ".FA")


@dataclass(frozen=True)
class Located:
    """One protein's files on this machine."""

    path: Path
    fasta: Path | None  # None where the structure file's own header has to do
    sha256: str  # of the structure file's bytes, from the time when it was first read


class Source(Protocol):
    """What every source can do."""

    def ids(self) -> list[str]:
        """The ids of the study, upper case, sorted; also those that will turn out not to be had."""
        ...

    def local_paths(self) -> dict[str, Path]:
        """Structure files by id that already lie on this machine and that only their owner changes."""
        ...

    def local_fasta(self) -> dict[str, Path]:
        """FASTA files by id that lie beside those structure files."""
        ...

    def fetch(self, ids: Sequence[str]) -> dict[str, Located | Loss]:
        """For each id its files, or why there are none."""
        ...


def open_source(config: Proteins, *, cache_dir: Path, seed: int = 42) -> Source:
    """The source that the config names. Raises UserError for a folder or id list that is not there."""
    ids = None if config.ids is None else read_ids(config.ids)
    if config.source == "embedded":
        return DirectorySource(demo_folder() / "structures", ids=ids, name="the embedded data set", cache_dir=cache_dir)
    if config.source == "directory":
        assert config.directory is not None
        return DirectorySource(config.directory, ids=ids, name=str(config.directory), cache_dir=cache_dir)
    from .rcsb import RcsbArchive

    return RcsbArchive(config.rcsb, ids=ids, sample=config.sample, cache_dir=cache_dir, seed=seed)


def read_ids(given: Path | Iterable[str]) -> list[str]:
    """Ids in upper case, sorted, each once; of a list, or of a text file with one a line and # before remarks."""
    if isinstance(given, Path):
        try:
            lines = given.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise UserError(f"proteins.ids: {given}: cannot be read: {error.strerror}") from None
        given = [token for line in lines for token in re.split(r"[\s,;]+", line.partition("#")[0])]
    return sorted({str(token).strip().upper() for token in given} - {""})


def demo_folder() -> Path:
    """The embedded data set: data/demo of the working directory or of the repository this package lies in."""
    for root in (Path.cwd(), Path(__file__).parents[3]):
        if (root / "data" / "demo" / "structures").is_dir():
            return root / "data" / "demo"
    raise UserError("source: embedded: data/demo was not found; run from the repository, or name a `directory`")


class DirectorySource:
    """A folder of PDB and mmCIF files, plain or gzipped, in any mix; a file's id is its stem in upper case."""

    def __init__(self, directory: Path, *, ids: Sequence[str] | None, name: str, cache_dir: Path) -> None:
        if not directory.is_dir():
            raise UserError(f"proteins.directory: {directory}: there is no such folder")
        self._directory, self._wanted, self._name = directory, ids, name
        self._files, self._cache_dir = structure_files(directory), cache_dir
        self._fasta = common_fasta(directory, self._files.values())

    def ids(self) -> list[str]:
        """The wanted ids, or all that have a file."""
        return sorted(self._files if self._wanted is None else self._wanted)

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
            return Loss(id_, "source", "", f"no structure file of this id in {self._name}")
        try:
            return Located(path, fasta_beside(path) or self._fasta, digests.digest(path))
        except OSError as error:
            return Loss(id_, "source", "", f"the file cannot be read: {error.strerror}")


def structure_files(directory: Path) -> dict[str, Path]:
    """Structure files by id. Where an id has several, mmCIF wins, then a plain file, then the first by name."""
    found: dict[str, tuple[tuple[bool, bool, str], Path]] = {}
    for path in directory.iterdir():
        match = _STRUCTURE.fullmatch(path.name)
        if match is None or path.name.startswith(".") or not path.is_file():
            continue
        rank = (match["format"].lower() not in ("cif", "mmcif"), match["gz"] is not None, path.name)
        id_ = protein_id(path)
        if id_ not in found or rank < found[id_][0]:
            found[id_] = (rank, path)
    return {id_: path for id_, (_, path) in found.items()}


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
        and path.is_file()
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


# --- a shard's files, on disk -----------------------------------------------------------------------------


def write_located(path: str | Path, found: dict[str, Located | Loss]) -> None:
    """What `fetch` found, for the jobs that follow."""
    write_json(
        path, {id_: {k: str(v) if isinstance(v, Path) else v for k, v in asdict(x).items()} for id_, x in found.items()}
    )


def read_located(path: str | Path) -> dict[str, Located | Loss]:
    """What `write_located` wrote."""
    return {id_: _read(values) for id_, values in read_json(path).items()}


def _read(values: dict[str, str | None]) -> Located | Loss:
    if "reason" in values:
        return Loss(**values)
    fasta = values["fasta"]
    return Located(Path(str(values["path"])), Path(fasta) if fasta else None, str(values["sha256"]))
