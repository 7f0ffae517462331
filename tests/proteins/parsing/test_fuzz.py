"""Damaged files: what the damage did not touch comes back bit for bit, what it touched is there or counted as lost.

`ALIGNSCAPE_FUZZ` sets the number of files of the long run (10,000).
"""

import gzip
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alignscape.errors import ProteinRejected
from alignscape.proteins.facts import ProteinFacts
from alignscape.proteins.parsing.amino_acids import is_solvent
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.structure import Structure
from tests.helpers.written_files import DEMO, columns

Key = tuple[str, int, str]  # chain, number, insertion code
ENTRIES = ["1crn", "1ubq", "1ajj", "1fas"]
BYTES = "".join(chr(code) for code in range(32, 127)) + "\n\r\t\x7f\xe9"


@dataclass
class Damaged:
    """The lines of a file under damage, and the residues that the damage touched."""

    lines: list[str]
    touched: set[Key] = field(default_factory=set)

    @property
    def atoms(self) -> list[int]:
        return [i for i, line in enumerate(self.lines) if line.startswith("ATOM")]

    def touch(self, index: int) -> None:
        """Remember the residue that a line is of, before or after it was changed."""
        line = self.lines[index]
        try:
            number = int(line[22:26])
        except ValueError:
            return
        self.touched |= {(name, number, line[26:27].strip()) for name in (line[20:22].strip(), line[21:22].strip())}

    def change(self, index: int, new: str) -> None:
        self.touch(index)
        self.lines[index] = new
        self.touch(index)


def cut(file: Damaged, draw: Callable) -> None:
    """The file ends within a record."""
    index = draw(st.sampled_from(file.atoms[len(file.atoms) // 3 :]))
    for later in range(index, len(file.lines)):
        file.touch(later)
    file.lines[index:] = [file.lines[index][: draw(st.integers(0, 79))]]


def swap_bytes(file: Damaged, draw: Callable) -> None:
    """Some characters of a record are others; a line end among them makes two lines of it."""
    index = draw(st.sampled_from(file.atoms))
    line = file.lines[index]
    for _ in range(draw(st.integers(1, 6))):
        line = columns(line, draw(st.integers(1, 80)), draw(st.sampled_from(BYTES)))
    file.change(index, line)


def move_columns(file: Damaged, draw: Callable) -> None:
    """A record stands in other columns from somewhere on."""
    index, at, by = draw(st.sampled_from(file.atoms)), draw(st.integers(0, 60)), draw(st.integers(-20, 20))
    line = file.lines[index]
    file.change(index, line[:at] + (" " * by + line[at:] if by > 0 else line[at - by :]))


def rename(file: Damaged, draw: Callable) -> None:
    """A residue or an atom has another name, number or chain."""
    index = draw(st.sampled_from(file.atoms))
    start, width = draw(st.sampled_from([(13, 4), (18, 3), (22, 1), (23, 4)]))
    letters = "0123456789" if start == 23 else "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    name = "".join(draw(st.lists(st.sampled_from(letters), min_size=width, max_size=width)))
    residue = file.lines[index][17:27]
    whole = draw(st.booleans()) and start != 13
    for other in [i for i in file.atoms if file.lines[i][17:27] == residue] if whole else [index]:
        file.change(other, columns(file.lines[other], start, name))


def double(file: Damaged, draw: Callable) -> None:
    """Some records stand there again, at the same place or elsewhere."""
    atoms = file.atoms
    first, n = draw(st.integers(0, len(atoms) - 1)), draw(st.integers(1, 12))
    again = [file.lines[i] for i in atoms[first : first + n]]
    for i in atoms[first : first + n]:
        file.touch(i)
    at = draw(st.sampled_from(atoms))
    file.lines[at:at] = again


DAMAGE = [cut, swap_bytes, move_columns, rename, double]


@cache
def entry(code: str) -> list[str]:
    text = gzip.decompress((DEMO / f"{code}.pdb.gz").read_bytes()).decode()
    return [line.ljust(80) for line in text.splitlines()]


@st.composite
def damaged(draw: Callable) -> tuple[str, Damaged]:
    """An embedded entry after one to three kinds of damage."""
    code = draw(st.sampled_from(ENTRIES))
    file = Damaged(list(entry(code)))
    for damage in draw(st.lists(st.sampled_from(DAMAGE), min_size=1, max_size=3)):
        damage(file, draw)
    return code, file


def by_residue(structure: Structure) -> dict[Key, list[tuple]]:
    """The residues with their names, types and atoms, bit by bit."""
    found: dict[Key, list[tuple]] = {}
    for index in range(structure.n_residues):
        own = structure.atom_residue == index
        chain = str(structure.chain_author[structure.residue_chain[index]])
        key = (chain, int(structure.residue_number[index]), str(structure.residue_insertion[index]))
        atoms = (
            structure.atom_name[own].tolist(),
            structure.atom_element[own].tolist(),
            structure.atom_xyz[own].tobytes(),
        )
        says = (str(structure.residue_name[index]), int(structure.residue_type[index]), *map(str, atoms))
        found.setdefault(key, []).append(says)
    return found


@cache
def undamaged(code: str) -> dict[Key, list[tuple]]:
    return by_residue(parse_structure(DEMO / f"{code}.pdb.gz", id="X")[0])


def read(path: Path, file: Damaged) -> tuple[Structure, ProteinFacts] | None:
    """The parsed file; None where nothing of it was left whole."""
    path.write_text("\n".join(file.lines), encoding="latin-1")
    try:
        return parse_structure(path, id="X")
    except ProteinRejected as reason:
        crashed = "the parser failed" in str(reason)
    assert not crashed
    return None


def renamed(found: dict[Key, list[tuple]], own: dict[Key, list[tuple]], key: Key) -> list[list[tuple]]:
    """The residues of that number in chains that the entry has not.

    Damaged numbers can cut a chain in two: what follows seems to begin anew, and two chains need two names.
    """
    chains = {chain for chain, _, _ in own}
    return [residues for other, residues in found.items() if other[1:] == key[1:] and other[0] not in chains]


def check(path: Path, code: str, file: Damaged) -> None:
    own = undamaged(code)
    parsed = read(path, file)
    untouched = own.keys() - file.touched
    if parsed is None:
        assert not untouched
        return
    structure, facts = parsed
    found = by_residue(structure)
    for key in untouched:
        assert found.get(key) == own[key] or own[key] in renamed(found, own, key), key
    water = any(is_solvent(line[17:20].strip()) for line in file.lines if line.startswith("ATOM"))
    cut_off = len(file.lines) < len(entry(code))
    for key in own.keys() & file.touched:
        assert key in found or facts.lost or water or cut_off or structure.n_residues >= sum(map(len, own.values())), (
            key
        )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "entry.pdb"


QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


@settings(max_examples=300, derandomize=True, **QUIET)
@given(case=damaged())
def test_damage_stays_where_it_is(path: Path, case: tuple[str, Damaged]) -> None:
    """Three hundred damaged files: no crash, no residue changed that was not touched, none gone without a count."""
    check(path, *case)


@pytest.mark.slow
@settings(max_examples=int(os.environ.get("ALIGNSCAPE_FUZZ", "10000")), **QUIET)
@given(case=damaged())
def test_damage_stays_where_it_is_in_many_files(path: Path, case: tuple[str, Damaged]) -> None:
    """The same of as many files as the setting says, other ones in each run."""
    check(path, *case)
