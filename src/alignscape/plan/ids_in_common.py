"""Which proteins of a study a file of a person's own names: rows, texts."""

from collections.abc import Iterable

from ..config.study import Study
from ..errors import UserError
from ..proteins.ids import entry_of
from .snapshot import Inputs


def ids_in_common(study: Study, inputs: Inputs, ids: Iterable[str], *, where: str) -> tuple[set[str], set[str]]:
    """The study's ids, and those of them that the file has too. Raises UserError, which says `where`, if it has none.

    Where chains are proteins of their own, entries count: which chains one has is known once its file is read.
    """
    ours, theirs = set(inputs.file_digests), set(ids)
    if study.proteins.unit == "chain":
        ours, theirs = {entry_of(id_) for id_ in ours}, {entry_of(id_) for id_ in theirs}
    if not ours & theirs:
        raise UserError(
            f"{where}: none of its ids is a protein of the study: it has {min(theirs)!r}, the study {min(ours)!r}; "
            "write its ids as the study does"
        )
    return ours, ours & theirs
