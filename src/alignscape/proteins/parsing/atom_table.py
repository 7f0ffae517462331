"""The atom records of a file as arrays, in file order, before anything is known of residues, chains or elements."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..facts import LeftOut

STATED, DENIED, NOT_STATED = 1, 0, -1  # what a file says of a residue: of a polymer, of none, nothing


@dataclass(frozen=True)
class Names:
    """Many names of few kinds: the kinds, and which of them each name is."""

    values: list[str]
    codes: NDArray[np.int64]  # (n,) indices into values

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Names":
        """The names `texts`, kinds in the order in which they first occur."""
        kinds: dict[str, int] = {}
        codes = [kinds.setdefault(text, len(kinds)) for text in texts]
        return cls(list(kinds), np.array(codes, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, index: NDArray) -> "Names":
        return Names(self.values, self.codes[index])

    def each(self, function: Callable[[str], object], dtype: type) -> NDArray:
        """(n,) the function's value for each name; it is called once a kind."""
        return np.array([function(value) for value in self.values] or [dtype()], dtype=dtype)[self.codes]

    def texts(self) -> NDArray[np.str_]:
        """(n,) the names as an array of strings."""
        return np.array(self.values or [""], dtype=np.str_)[self.codes]

    def tolist(self) -> list[str]:
        """The names as a list."""
        return [self.values[code] for code in self.codes.tolist()]

    def renamed(self, function: Callable[[str], str]) -> "Names":
        """The same with each kind renamed; kinds of one new name become one."""
        kinds = Names.of(function(value) for value in self.values)
        return Names(kinds.values, kinds.codes[self.codes] if self.values else self.codes)


@dataclass(frozen=True)
class AtomTable:
    """One row an atom record, in file order; n rows."""

    name: Names
    residue_name: Names
    chain: Names  # the author's; "" where the file leaves it blank
    label: Names  # mmCIF label_asym_id; the author's where there is none
    segment: Names  # columns 73-76 of PDB; "" elsewhere
    number: NDArray[np.int32]  # (n,) the author's residue number
    insertion: NDArray[np.uint8]  # (n,) character code, 32 for none
    altloc: NDArray[np.uint8]  # (n,) character code, 0 for none
    xyz: NDArray[np.float64]  # (n, 3) angstrom; NaN where a field holds no number
    occupancy: NDArray[np.float32]  # (n,)
    b_factor: NDArray[np.float32]  # (n,) square angstrom, or a predictor's pLDDT; NaN where a field holds no number
    element: NDArray[np.uint8]  # (n,) atomic number as stated, 0 where it is not
    hetero: NDArray[np.bool_]  # (n,) HETATM
    model: NDArray[np.int64]  # (n,)
    block: NDArray[np.int64]  # (n,) TER records before this one
    closed: NDArray[np.bool_]  # (n,) whether a TER record ends this chain after it
    position: NDArray[np.int32]  # (n,) 1-based place in the full sequence, 0 if not stated
    stated: NDArray[np.int8]  # (n,) STATED, DENIED or NOT_STATED: whether the file says it is of a polymer

    def __len__(self) -> int:
        return len(self.number)

    def select(self, keep: NDArray) -> "AtomTable":
        """The rows where `keep`, a mask or indices, says so."""
        return AtomTable(**{field.name: getattr(self, field.name)[keep] for field in fields(self)})

    @property
    def models(self) -> list[int]:
        """The models' numbers in the file's order."""
        numbers, first = np.unique(self.model, return_index=True)
        return numbers[np.argsort(first)].tolist()


class Lost:
    """What is lost on the way from the file to the structure, counted by reason."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Literal["atom", "residue"], str]] = Counter()

    def add(self, count: int, what: Literal["atom", "residue"], reason: str) -> None:
        """Count `count` atoms or residues as lost for `reason`."""
        if count:
            self._counts[what, reason] += int(count)

    def copy(self) -> "Lost":
        """The same counts, to be added to elsewhere."""
        other = Lost()
        other._counts.update(self._counts)
        return other

    def listed(self) -> list[LeftOut]:
        """The reasons with their counts, in order."""
        return [LeftOut(count, what, reason) for (what, reason), count in sorted(self._counts.items())]
