"""A config's table of texts is looked at before anything runs: its columns, and whose texts they are."""

from dataclasses import dataclass
from pathlib import Path

from ..config.study import Study
from ..descriptions.own_texts import read_own_texts
from ..storage.files import digest_of, read_json, write_json
from .ids_in_common import ids_in_common
from .snapshot import Inputs


@dataclass(frozen=True)
class Texts:
    """How many of a study's proteins have a text in its table."""

    table: Path
    with_text: int
    proteins: int
    by_template: bool  # what becomes of the others

    @property
    def complete(self) -> bool:
        """Whether every protein has one."""
        return self.with_text == self.proteins

    def sentence(self) -> str:
        """The numbers in words, and what becomes of the others."""
        rest = "are described by the template" if self.by_template else "are left out, with a line in the ledger"
        said = f"{self.with_text} of {self.proteins} proteins have a text in {self.table}"
        return said if self.complete else f"{said}; the others {rest}"


def own_texts(study: Study, inputs: Inputs, *, remember: bool = True) -> Texts | None:
    """Whom the study's table of texts serves; None for a study without one.

    remember: whether the table's ids are noted in the cache folder, so that it is read once. Raises UserError, one line, for
    a table that cannot be read, or that has a text of no protein of the study.
    """
    text = study.text
    if text.source != "table" or text.table is None:
        return None
    content = [inputs.files[str(text.table)], text.own.model_dump(mode="json")]
    theirs = _ids(study, study.cache_dir / "own-texts" / f"{digest_of(content)}.json", remember=remember)
    ours, common = ids_in_common(study, inputs, theirs, where=str(text.table))
    return Texts(text.table, len(common), len(ours), text.own.without_text == "template")


def _ids(study: Study, note: Path, *, remember: bool) -> list[str]:
    assert study.text.table is not None
    try:
        return list(map(str, read_json(note)))
    except (OSError, ValueError, TypeError):
        pass
    ids = sorted(read_own_texts(study.text.table, study.text.own))
    if remember:
        write_json(note, ids)
    return ids
