"""The coordinate section of a PDB file as an `AtomTable`.

gemmi takes every column at its word: what is no number is zero, and a name begins where the archive begins it. Programs
write otherwise, so the records are cut and judged here, all at once, as a table of characters.
"""

import re
from collections import defaultdict

import gemmi
import numpy as np
from numpy.typing import NDArray

from .amino_acids import is_four_letter_name
from .atom_table import NOT_STATED, AtomTable, Lost, Names
from .fixed_columns import BLANK, POINT, fixed_decimals, is_moved, loose_coordinates, residue_number, unshifted

_WIDTH = 80
_POINTS = (34, 42, 50)  # of x, y and z in their own columns
OTHER, ATOM, HETATM, TER, END = range(5)
_RECORDS = (
    (b"ATOM", b"", ATOM), (b"HETA", b"TM", HETATM), (b"TER ", b"", TER), (b"MODE", b"L", END),
    (b"ENDM", b"DL", END), (b"END ", b"", END),
)  # fmt: skip
_CAPITAL = np.arange(256, dtype=np.uint8)
_CAPITAL[97:123] -= 32
_OTHER_RECORDS = ("ANISOU", "SIGATM", "SIGUIJ")


def read_pdb_atoms(text: str, *, numbered: bool, lost: Lost) -> AtomTable:
    """The atom records of all models. `numbered`: columns 73-80 hold a line number, no segment and no element."""
    rows = _rows(text)
    kind = _record_kinds(rows)
    atom = np.flatnonzero((kind == ATOM) | (kind == HETATM))
    _count_strange_records(rows, kind, atom, lost)
    table = rows[atom]
    xyz, moved = _coordinates(table)
    number, insertion, numbered_rows = _numbers(table)
    drop = moved | (~numbered_rows & (2 * numbered_rows.sum() > len(table)))
    if drop.any():
        lost.add(int(moved.sum()), "atom", "the record stands in other columns")
        lost.add(int((drop & ~moved).sum()), "atom", "the record has no residue number")
        atom, table, xyz, number, insertion = (part[~drop] for part in (atom, table, xyz, number, insertion))
    ends, ter = (kind == END).cumsum()[atom], (kind == TER).cumsum()[atom]
    if numbered:
        table[:, 72:] = BLANK
    chain, residue_name = _chains_and_residues(table)
    return AtomTable(
        name=_names(table[:, 12:16]),
        residue_name=residue_name,
        chain=chain,
        label=chain,
        segment=_segments(table),
        number=number,
        insertion=insertion,
        altloc=np.where(table[:, 16] == BLANK, 0, table[:, 16]).astype(np.uint8),
        xyz=xyz,
        occupancy=_two_decimals(table[:, 54:60], missing=1.0),
        b_factor=_two_decimals(table[:, 60:66], missing=np.nan),
        element=_elements(table),
        hetero=kind[atom] == HETATM,
        model=ends,
        block=ter,
        closed=_closed(rows, atom, kind, chain),
        position=np.zeros(len(atom), dtype=np.int32),
        stated=np.full(len(atom), NOT_STATED, dtype=np.int8),
    )


def _rows(text: str) -> NDArray[np.uint8]:
    """(lines, 80) characters of all lines, blank where a line ends sooner."""
    lines = np.array(text.encode("latin-1", "replace").split(b"\n"), dtype=f"S{_WIDTH}")
    rows = lines.view(np.uint8).reshape(-1, _WIDTH)
    return np.where(rows == 0, np.uint8(BLANK), rows)


def _record_kinds(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(lines,) ATOM, HETATM, TER, END for what ends or begins a model, or OTHER; in capitals or not."""
    upper = _CAPITAL[rows[:, :7]]
    four = np.ascontiguousarray(upper[:, :4]).view("S4")[:, 0]
    kinds = np.full(len(rows), OTHER, dtype=np.uint8)
    for start, rest, kind in _RECORDS:
        found = np.flatnonzero(four == start)
        for column, character in enumerate(rest, start=4):
            found = found[upper[found, column] == character]
        following = upper[found, 4 + len(rest)]
        kinds[found[(following == BLANK) | ((following >= 48) & (following < 58))]] = kind
    return kinds


def _count_strange_records(
    rows: NDArray[np.uint8], kind: NDArray[np.uint8], atom: NDArray[np.int64], lost: Lost
) -> None:
    """Count lines that stand among the atoms and hold coordinates but have no name of an atom record."""
    if len(atom) == 0:
        return
    others = np.flatnonzero(kind[atom[0] :] == OTHER) + atom[0]
    strange = rows[others[np.logical_and.reduce([rows[others, column] == POINT for column in _POINTS])]]
    strange = strange[_decimals(strange)[1].all(axis=1)]
    names = [bytes(row[:6]).decode("latin-1").strip().upper() for row in strange]
    lost.add(sum(name not in _OTHER_RECORDS for name in names), "atom", "the record's name is no ATOM or HETATM")


def _coordinates(table: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(n, 3) coordinates, NaN where a field holds no number of its own, and (n,) rows that stand in other columns.

    Rows that a long serial has moved are put back in place in `table`.
    """
    xyz, valid = _decimals(table)
    odd = np.flatnonzero(~(valid[:, 0] & valid[:, 1] & valid[:, 2]) | (table[:, 29] != BLANK))
    moved = np.zeros(len(table), dtype=bool)
    for row in odd.tolist():
        line = bytes(table[row]).decode("latin-1")
        own = unshifted(line)
        if own is not None:
            line = own[:_WIDTH].ljust(_WIDTH)
            table[row] = np.frombuffer(line.encode("latin-1"), dtype=np.uint8)
        moved[row] = is_moved(line)
        found = loose_coordinates(line)
        xyz[row] = np.nan if found is None else found
    return xyz, moved


def _closed(
    rows: NDArray[np.uint8], atom: NDArray[np.int64], kind: NDArray[np.uint8], chain: Names
) -> NDArray[np.bool_]:
    """(n,) atoms before a TER record that are of the chain it ends: the chain of the atom before it.

    A TER that names another chain has lost its own atoms.
    """
    end = np.append(np.flatnonzero((kind == TER) | (kind == END)), len(kind))
    stretch = np.searchsorted(end, atom)
    last = np.flatnonzero(np.append(stretch[1:] != stretch[:-1], True)[: len(atom)])
    following = end[stretch[last]]
    by_ter = np.append(kind, OTHER)[following] == TER
    named = np.append(rows[:, 21], BLANK)[following]
    by_ter &= (named == BLANK) | (named == rows[atom[last], 21])
    place = np.searchsorted(last, np.arange(len(atom)))
    return by_ter[place] & (chain.codes == chain.codes[last][place])


def _decimals(table: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(n, 3) numbers in columns 31-54 and which of them are numbers with their points in place."""
    columns = np.ascontiguousarray(table[:, 30:54].T).reshape(3, 8, -1).swapaxes(0, 1)
    xyz, valid = fixed_decimals(columns, point=4)
    return np.ascontiguousarray(xyz.T), valid.T


def _kinds(columns: NDArray[np.uint8]) -> tuple[list[str], NDArray[np.int64]]:
    """The different texts in `columns` (n, at most 8), as they stand, and which of them each row has."""
    width = columns.shape[1]
    padded = np.zeros((len(columns), 8), dtype=np.uint8)
    padded[:, :width] = columns
    texts = padded.view(np.uint64)[:, 0]
    start = np.flatnonzero(np.append(True, texts[1:] != texts[:-1])[: len(texts)])  # a residue's records are alike
    kinds, of_run = np.unique(texts[start], return_inverse=True)
    codes = np.repeat(of_run, np.diff(np.append(start, len(texts))))
    joined = kinds.view(np.uint8).reshape(-1, 8)[:, :width].tobytes().decode("latin-1")
    return [joined[at : at + width] for at in range(0, len(joined), width)], codes


def _coded(values: list[str], codes: NDArray[np.int64]) -> Names:
    kinds = Names.of(values)
    return Names(kinds.values, kinds.codes[codes] if values else codes)


def _names(columns: NDArray[np.uint8]) -> Names:
    """The names in `columns`, wherever in them they stand."""
    kinds, codes = _kinds(columns)
    return _coded([kind.strip() for kind in kinds], codes)


def _chains_and_residues(table: NDArray[np.uint8]) -> tuple[Names, Names]:
    """Chain and residue names. Column 21 holds the fourth letter of a force field's name or the first of a chain's.

    A letter is part of the residue's name where all names that it makes are ones that force fields have: a chain of
    two letters has other residues too.
    """
    texts, codes = _kinds(table[:, 17:22])
    made: dict[str, set[str]] = defaultdict(set)
    for text in texts:
        made[text[3]].add(text[:4])
    longer = {letter for letter, names in made.items() if letter != " " and all(map(is_four_letter_name, names))}
    chains = [text[4].strip() if text[3] in longer else text[3:5].strip() for text in texts]
    residues = [text[:4].strip() if text[3] in longer else text[:3].strip() for text in texts]
    return _coded(chains, codes), _coded(residues, codes)


def _numbers(table: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.bool_]]:
    """Residue numbers, insertion codes, and which rows hold a number; the others have the number after the last one's."""
    kinds, codes = _kinds(table[:, 22:27])
    read = [residue_number(kind) for kind in kinds]
    number = np.array([0 if n is None else n for n, _ in read], dtype=np.int32)[codes]
    insertion = np.array([code for _, code in read], dtype=np.uint8)[codes]
    absent = np.array([n is None for n, _ in read], dtype=bool)[codes]
    if absent.any():
        _count_on(table, number, absent)
    return number, insertion, ~absent


def _count_on(table: NDArray[np.uint8], number: NDArray[np.int32], absent: NDArray[np.bool_]) -> None:
    """Number residues whose field holds no number: a new one begins where the name changes or an atom comes again."""
    seen: set[bytes] = set()
    previous, last = b"", 0
    for row in range(len(table)):
        if not absent[row]:
            last, previous = int(number[row]), b""
            continue
        residue, atom = bytes(table[row, 17:27]), bytes(table[row, 12:17])
        if residue != previous or atom in seen:
            last, previous, seen = last + 1, residue, set()
        seen.add(atom)
        number[row] = last


def _two_decimals(field: NDArray[np.uint8], *, missing: float) -> NDArray[np.float32]:
    """(n,) numbers of a field (n, 6) as occupancies and B factors have it; `missing` where it holds none."""
    read, stated = fixed_decimals(np.ascontiguousarray(field.T), point=3)
    values = np.where(stated, read, missing)
    for row in np.flatnonzero(~stated & (field != BLANK).any(axis=1)).tolist():
        text = bytes(field[row]).decode("latin-1").strip()
        values[row] = float(text) if re.fullmatch(r"[-+]?\d+\.?\d*|\.\d+", text) else missing
    return values.astype(np.float32)


def _elements(table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n,) atomic numbers of columns 77-78; 0 where they hold no element."""
    names = _names(table[:, 76:78])
    return names.each(lambda text: gemmi.Element(text).atomic_number if text.isalpha() else 0, np.uint8)


def _segments(table: NDArray[np.uint8]) -> Names:
    """Columns 73-76, where they name segments: each name stands in one stretch of the file, as a charge does not."""
    names = _names(table[:, 72:76])
    changes = int((np.diff(names.codes) != 0).sum())
    if changes >= 2 * len(names.values):
        return Names([""], np.zeros(len(table), dtype=np.int64))
    return names
