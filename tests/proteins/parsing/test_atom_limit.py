"""A file of too many atoms is refused in every format, packed or not, before its atoms take memory; one at the limit is read."""

import gzip
import tracemalloc
from dataclasses import fields

import numpy as np
import pytest

from alignscape.errors import ProteinRejected
from alignscape.proteins.parse_shard import parse_located
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.parsing.structure_file import read_structure_file
from alignscape.proteins.sources.source import Located
from tests.helpers.pdb_lines import residue

RESIDUES = 60
ATOMS = 5 * RESIDUES
LINES = [line for number in range(1, RESIDUES + 1) for line in residue("ALA", "A", number)]
TAGS = (
    "group_PDB", "id", "type_symbol", "label_atom_id", "label_comp_id", "label_asym_id", "label_seq_id",
    "Cartn_x", "Cartn_y", "Cartn_z", "auth_seq_id", "auth_asym_id", "pdbx_PDB_model_num",
)  # fmt: skip


def as_cif(*, grouped: bool = True) -> str:
    """`LINES` as mmCIF, with or without the column that says ATOM."""
    first = 0 if grouped else 1
    rows = (
        ("ATOM", line[6:11], line[76:78], line[12:16], "ALA", "A", line[22:26], line[30:38], line[38:46], line[46:54],
         line[22:26], "A", "1")[first:]
        for line in LINES
    )  # fmt: skip
    tags = "".join(f"_atom_site.{tag}\n" for tag in TAGS[first:])
    return (
        f"data_X\nloop_\n{tags}"
        + "".join(" ".join(map(str.strip, row)) + "\n" for row in rows)
        + "#\n_struct.title A\n"
    )


def as_binary_cif() -> bytes:
    from io import BytesIO

    from biotite.structure.io.pdbx import BinaryCIFBlock, BinaryCIFCategory, BinaryCIFFile

    rows = [line.split() for line in as_cif().splitlines() if line.startswith("ATOM")]
    columns = {tag: np.array(column) for tag, column in zip(TAGS, zip(*rows, strict=True), strict=True)}
    stored, file = BytesIO(), BinaryCIFFile()
    file["X"] = BinaryCIFBlock({"atom_site": BinaryCIFCategory(columns)})
    file.write(stored)
    return stored.getvalue()


FILES = {
    "x.pdb": lambda: "\n".join([*LINES, "END\n"]).encode(),
    "windows.pdb": lambda: "\r\n".join([*LINES, "END\r\n"]).encode(),
    "mac.pdb": lambda: "\r".join([*LINES, "END\r"]).encode(),
    "small.pdb": lambda: "\n".join(["HEADER", *(line.lower() for line in LINES), "END\n"]).encode(),
    "x.cif": lambda: as_cif().encode(),
    "ungrouped.cif": lambda: as_cif(grouped=False).encode(),
    "x.bcif": as_binary_cif,
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", FILES)
def test_limit_is_the_last_number_that_is_read(tmp_path, name, packed):
    """At the limit the structure is the one of no limit; at one less the reason names both the number and the key."""
    path = tmp_path / (f"{name}.gz" if packed else name)
    content = FILES[name]()
    path.write_bytes(gzip.compress(content) if packed else content)
    free, _ = parse_structure(path, id="X")
    read, _ = parse_structure(path, id="X", most_atoms=ATOMS)
    assert free.n_residues == RESIDUES
    for field in fields(free):
        np.testing.assert_array_equal(getattr(free, field.name), getattr(read, field.name), err_msg=field.name)
    with pytest.raises(ProteinRejected, match=f"more than {ATOMS - 1} atoms.*`proteins.atoms_at_most`"):
        parse_structure(path, id="X", most_atoms=ATOMS - 1)


def test_other_proteins_keep_theirs(tmp_path):
    """The large file has its line, the small one its structure."""
    small, large = tmp_path / "small.pdb", tmp_path / "large.pdb"
    small.write_text("\n".join(LINES[:100]) + "\n")
    large.write_text("\n".join(LINES) + "\n")
    located = {path.stem.upper(): Located(path, None, "") for path in (small, large)}
    parsed, (lost,) = parse_located(located, most_atoms=ATOMS // 2)
    assert [structure.id for structure, _ in parsed] == ["SMALL"]
    assert (lost.id, lost.stage) == ("LARGE", "parse")
    assert "atoms_at_most" in lost.reason


@pytest.mark.parametrize("packed", [False, True])
def test_refusing_costs_no_memory(tmp_path, packed):
    """A file of 32 MB is refused at 10,000 atoms, having held two of its MB; unpacked, a piece more."""
    block = "".join(f"{line:<80}\n" for line in LINES).encode() * 10
    path = tmp_path / "large.pdb"
    path.write_bytes((gzip.compress(block) if packed else block) * 130)
    tracemalloc.start()
    try:
        with pytest.raises(ProteinRejected, match="more than 10,000 atoms"):
            read_structure_file(path, most_atoms=10_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 130 * len(block) > 30e6
    assert peak < 8e6
