"""Rows that a config gives are looked at before anything runs: ids, shape, numbers, and whose proteins they are."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ..config.encoders import GivenRows, StructureEncoderBlock, TextEncoderBlock
from ..config.study import Study
from ..encoders.row_file import RowTable, read_rows
from ..errors import UserError
from ..storage.files import digest_of, read_json, write_json
from .ids_in_common import ids_in_common
from .snapshot import Inputs


@dataclass(frozen=True)
class Given:
    """What a table of rows holds."""

    ids: list[str]  # with a row that can be used
    dimension: int
    lost: Mapping[str, str]  # id -> why its row cannot be used


@dataclass(frozen=True)
class Served:
    """How many of a study's proteins have a row in an encoder's table."""

    name: str
    path: Path
    dimension: int
    with_row: int
    proteins: int
    lost: int  # proteins of the study whose row cannot be used

    def sentence(self) -> str:
        """The numbers in words."""
        unusable = f", {self.lost} of the others one that cannot be used" if self.lost else ""
        return f"{self.with_row} of {self.proteins} proteins have a row of {self.dimension} numbers in {self.path}{unusable}"


def require_rows(study: Study, inputs: Inputs, *, remember: bool = True) -> None:
    """Raises UserError, one line, for a config's table of rows that is none, or that serves no protein of the study.

    remember: whether what a table holds is noted in the cache folder.
    """
    for _ in served(study, inputs, remember=remember):
        pass


def served(study: Study, inputs: Inputs, *, remember: bool = True) -> Iterator[Served]:
    """For each encoder with given rows, whom they serve. Raises UserError, one line, for a table that serves nobody."""
    encoders: list[StructureEncoderBlock | TextEncoderBlock] = [*study.structure_encoders, *study.language_models]
    for encoder in encoders:
        if isinstance(encoder, GivenRows):
            yield _served(encoder.name, encoder, study, inputs, remember=remember)


def _served(name: str, block: GivenRows, study: Study, inputs: Inputs, *, remember: bool) -> Served:
    content = [inputs.files[str(block.rows)], inputs.files.get(str(block.ids), ""), str(block.rows)]
    given = look(block, note=study.cache_dir / "given-rows" / f"{digest_of(content)}.json", remember=remember)
    ours, common = ids_in_common(study, inputs, given.ids, where=f"{block.rows} ({name})")
    return Served(name, block.rows, given.dimension, len(common), len(ours), len(ours & set(given.lost)))


def look(block: GivenRows, *, note: Path, remember: bool = True) -> Given:
    """What the block's table holds, read once and then remembered in `note`. Raises UserError, one line, if it is none."""
    if (known := _noted(note)) is not None:
        return known
    given = _examine(read_rows(block.rows, ids=block.ids))
    if remember:
        write_json(note, asdict(given))
    return given


def _noted(note: Path) -> Given | None:
    try:
        return Given(**read_json(note))
    except (OSError, ValueError, TypeError):
        return None


def _examine(table: RowTable) -> Given:
    lost = dict(table.lost) | {id_: reason for id_ in table.ids if (reason := table.why_not(id_))}
    usable = [id_ for id_ in table.ids if id_ not in lost]
    if not usable:
        raise UserError(f"{table.path}: none of its {len(lost)} rows can be used: {next(iter(lost.values()))}")
    return Given(usable, table.dimension, lost)
