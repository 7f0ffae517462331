"""Collects what a plan depends on outside the config: protein ids and digests of local files."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from pydantic import BaseModel

from ..config.encoders import GivenRows
from ..config.proteins import EncoderTraining
from ..config.study import Study
from ..encoders.row_file import files_of
from ..errors import UserError
from ..proteins.ids import entry_of
from ..proteins.sources.id_lists import read_ids
from ..proteins.sources.open import open_source
from ..storage.file_digests import FileDigests
from ..storage.ledger import NOT_READ
from ..storage.plain_text import escaped
from .snapshot import Inputs


def _config_paths(block: BaseModel) -> Iterator[Path]:
    """Files that the config names, wherever they stand in it; folders are not."""
    for name in type(block).model_fields:
        value = getattr(block, name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, BaseModel):
                yield from _config_paths(item)
            elif isinstance(item, Path) and name not in {"cache_dir", "results_dir"} and not item.is_dir():
                yield item


def _model_folders(study: Study) -> dict[str, Path]:
    """The folders that are named as models, by what the config says: `~` is the home of whoever runs the study."""
    blocks = (*study.language_models, *study.structure_encoders)
    said = [Path(model) for block in blocks if (model := getattr(block, "model", ""))]
    return {str(path): folder for path in said if (folder := path.expanduser()).is_dir()}


def _folder_digest(folder: Path, digests: FileDigests) -> str:
    """Of the files of a model, and of those of the layers that sentence-transformers puts behind it (`1_Pooling`)."""
    files = sorted([*folder.iterdir(), *folder.glob("[0-9]_*/*")])
    return "".join(f"{escaped(str(path.relative_to(folder)))}:{digests(path)};" for path in files if path.is_file())


def _given_blocks(study: Study) -> list[GivenRows]:
    return [b for b in (*study.structure_encoders, *study.language_models) if isinstance(b, GivenRows)]


def _given_digest(block: GivenRows, digests: FileDigests) -> str:
    """Of the content of given rows: of their files and, in a folder, of the files' names, which are the ids."""
    files = files_of(block.rows, ids=block.ids)
    return "".join(f"{escaped(path.name) if block.rows.is_dir() else ''}:{digests(path)};" for path in files)


def collect_inputs(study: Study, *, remember: bool = True) -> Inputs:
    """Ids with the digests of their files, and the digests of the files that the config names.

    Reads each local file once in its life; asks the network only for a sample not drawn yet.
    remember: whether digests that had to be computed are kept in the cache folder.
    Raises UserError for what is missing.
    """
    digests = FileDigests.of_cache(study.cache_dir)
    source = open_source(study.proteins, cache_dir=study.cache_dir, seed=study.seed)
    paths = source.local_paths()
    ids = source.ids()
    if not ids:
        others = source.not_read()
        beside = (
            f"; {len(others)} files are not read, such as {others[0].id} ({others[0].reason.removeprefix(NOT_READ)})"
            if others
            else ""
        )
        raise UserError(
            f"proteins: the {study.proteins.source} source has no protein{beside}; see `proteins.ids` and `directory`"
        )
    fastas = source.local_fasta()
    file_digests = {id_: _content([files[id_] for files in (paths, fastas) if id_ in files], digests) for id_ in ids}
    files = {str(path): digests(path) for path in _unique(_config_paths(study))}
    files |= {said: _folder_digest(folder, digests) for said, folder in _model_folders(study).items()}
    files |= {str(block.rows): _given_digest(block, digests) for block in _given_blocks(study)}
    if remember:
        digests.save()
    training = named_ids(ids, study.proteins.encoder_training)
    return Inputs(file_digests, training, files, [asdict(omission) for omission in source.not_read()])


def _content(paths: Iterable[Path], digests: FileDigests) -> str:
    """The digests of a protein's files, "" if one cannot be read: the job that tries again gives it its line."""
    try:
        return "".join(map(digests.digest, paths))
    except OSError:
        return ""


def _unique(paths: Iterable[Path]) -> list[Path]:
    return sorted(set(paths))


def named_ids(ids: Iterable[str], config: EncoderTraining) -> list[str] | None:
    """The proteins of the entries that the config names for training encoders, sorted; None if it names none.

    Raises UserError for an unreadable list.
    """
    if config.ids is None:
        return None
    entries = {entry_of(id_) for id_ in read_ids(config.ids, key="proteins.encoder_training.ids")}
    return sorted(id_ for id_ in ids if entry_of(id_) in entries)
