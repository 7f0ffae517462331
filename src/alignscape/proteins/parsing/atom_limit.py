"""How many atoms a file may have. They are counted while it is read, so that a file of too many is refused before it costs memory."""

import re

from ...errors import ProteinRejected

_RECORDS = ("\nATOM", "\nHETATM", "\natom", "\nhetatm")
_IN_BYTES = tuple(record.encode() for record in _RECORDS)
_LONGEST = max(map(len, _RECORDS))
_END_OF_LOOP = re.compile(r"\n(?:[#_]|loop_|data_)", re.IGNORECASE)
_LEAST = 24  # characters of a record, whatever the format: what is shorter than so many records needs no counting


class AtomCount:
    """Counts the atom records of a text that comes in pieces."""

    def __init__(self, most: int) -> None:
        self._most, self._found, self._tail = most, 0, b"\n"

    def add(self, piece: bytes) -> None:
        """Count the records of the next piece. Raises ProteinRejected once there are too many."""
        window = self._tail + piece
        old = len(self._tail)
        self._found += sum(window.count(record, max(old - len(record) + 1, 0)) for record in _IN_BYTES)
        self._tail = window[-_LONGEST:]
        require_few(self._found, self._most)


def may_be_too_many(length: int, most: int) -> bool:
    """Whether a text of so many characters can hold more than `most` atom records at all."""
    return length > _LEAST * most


def require_few_in_text(text: str, most: int) -> None:
    """Raises ProteinRejected for a text with too many atom records."""
    if may_be_too_many(len(text), most):
        named = sum(text.count(record) for record in _RECORDS) + text.startswith(("ATOM", "atom"))
        require_few(named or _rows(text), most)


def _rows(text: str) -> int:
    """Rows of the atoms of an mmCIF file that lacks `group_PDB`, so that none begins with its record's name."""
    last = text.rfind("\n_atom_site.")
    if last < 0:
        return 0
    end = _END_OF_LOOP.search(text, last + 1)
    return text.count("\n", last + 1, end.start() + 1 if end else len(text)) - 1


def require_few(atoms: int, most: int) -> None:
    """Raises ProteinRejected, naming the key of the config, for more atoms than `most`."""
    if atoms > most:
        raise ProteinRejected(
            f"more than {most:,} atoms, which is what `proteins.atoms_at_most` allows, as memory goes with them; "
            "raise it, or keep in the file the one model and the chains that are meant"
        )
