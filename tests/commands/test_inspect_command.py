"""`alignscape inspect`: what it says of a file agrees with other readers, and every file of a folder has its line."""

import gzip
import json
import os
from pathlib import Path

import gemmi
import pytest
from typer.testing import CliRunner

from alignscape.cli import app
from tests.helpers.pdb_lines import atom, residue

DEMO = Path(__file__).parents[2] / "data" / "demo" / "structures"


def run(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, ["inspect", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result.output


def objects(*arguments: object, status: int = 0) -> dict[str, dict]:
    rows = [json.loads(line) for line in run("--json", *arguments, status=status).splitlines()]
    return {Path(row["file"]).name: row for row in rows}


@pytest.mark.parametrize("code", ["1crn", "4hhb", "1ubq", "1d3z"])
def test_it_counts_what_gemmi_counts(code):
    """Residues, heavy atoms and chains of the first model's polypeptides, and the models, as gemmi's own reader has them."""
    (found,) = objects(DEMO / f"{code}.pdb.gz").values()
    structure = gemmi.read_structure(str(DEMO / f"{code}.pdb.gz"))
    structure.setup_entities()
    assert found["models"] == len(structure)
    structure.remove_alternative_conformations()
    structure.remove_hydrogens()
    polymers = {chain.name: chain.get_polymer() for chain in structure[0]}
    assert {chain["id"]: chain["residues"] for chain in found["chains"]} == {
        n: len(p) for n, p in polymers.items() if len(p)
    }
    assert found["residues"] == sum(map(len, polymers.values())) == sum(chain["residues"] for chain in found["chains"])
    assert found["atoms"] == sum(len(residue) for polymer in polymers.values() for residue in polymer)
    assert found["atoms"] == sum(found["elements"].values())
    ligands = {
        residue.name
        for chain in structure[0]
        for residue in chain
        if residue.entity_type.name in ("NonPolymer", "Water")
    }
    assert set(found["left_out"]) == ligands
    assert (found["format"], found["packing"], found["error"], found["lost"]) == ("pdb", "gzip", None, [])


def test_a_folder_has_a_line_for_every_file(tmp_path):
    """What is no structure has the reason as its error, and nothing else; keys are the same for all."""
    (tmp_path / "sub").mkdir()
    good = [*residue("GLY", "A", 1), *residue("MSE", "A", 2), *residue("SER", "A", 9)]
    (tmp_path / "sub" / "good.pdb").write_text("\n".join([*good, ""]))
    (tmp_path / "cut.pdb.gz").write_bytes(gzip.compress(b"x" * 5000)[:20])
    (tmp_path / "x.mmtf").write_bytes(b"\x8a")
    (tmp_path / "readme.txt").write_text("about")
    dna = [atom(i, "P", "DG", "A", i, (7.0 * i, 0, 0), element="P") for i in range(1, 5)]
    (tmp_path / "dna.pdb").write_text("\n".join(dna))
    found = objects(tmp_path)
    assert sorted(found) == ["cut.pdb.gz", "dna.pdb", "good.pdb", "readme.txt", "x.mmtf"]
    assert len({tuple(row) for row in found.values()}) == 1
    assert found["good.pdb"]["residues"] == 3
    assert found["good.pdb"]["modified"] == {"MSE": 1}
    for name, reason in (
        ("cut.pdb.gz", "truncated gzip"),
        ("x.mmtf", "MMTF"),
        ("dna.pdb", "nucleic"),
        ("readme.txt", "neither"),
    ):
        row = found[name]
        assert reason in row["error"]
        assert (row["residues"], row["atoms"], row["chains"], row["lost"]) == (0, 0, [], [])
    assert found["dna.pdb"]["format"] == "pdb"
    text = run(tmp_path)
    assert text.count("\n") == 5 + 5
    assert "5 files: 1 read (PDB 1), 3 residues\n" in text
    assert "1 not read: truncated gzip file\n" in text


def test_what_was_lost_and_gaps_are_told(tmp_path):
    """An atom without coordinates is counted with its reason; a break of the backbone names both sides."""
    numbers = [1, 2, 3, 14, 15, 16]
    lines = [atom(i, "CA", "ALA", "A", n, (3.8 * n, 0, 0)) for i, n in enumerate(numbers, 1)]
    lines.insert(1, atom(9, "CB", "ALA", "A", 1, (0, 0, 0))[:30] + "     nan" * 3 + lines[0][54:])
    (tmp_path / "a.pdb").write_text("\n".join([*lines, ""]))
    (row,) = objects(tmp_path).values()
    assert row["residues"] == 6
    assert row["lost"] == ["1 atom: no coordinates"]
    assert row["gaps"] == ["A 3-14"]


def test_plddt_is_told_from_temperature(tmp_path):
    """One number a residue without an experiment is confidence, also as a share; a crystal's B factors are not, nor a mask."""

    def write(name: str, factor, header: str = "") -> None:
        rows = [line for i in range(1, 12) for line in residue("GLY", "A", i)]
        rows = [line[:60] + f"{factor(int(line[22:26]), k):6.2f}" + line[66:] for k, line in enumerate(rows)]
        (tmp_path / name).write_text("\n".join([*([header] if header else []), *rows, ""]))

    write("model.pdb", lambda i, k: 80 + i)
    write("share.pdb", lambda i, k: 0.8 + i / 100)
    write("mask.pdb", lambda i, k: float(i > 3))
    write("crystal.pdb", lambda i, k: 80 + i, "EXPDTA    X-RAY DIFFRACTION")
    write("atoms.pdb", lambda i, k: 20 + k)
    assert {name: row["plddt"] for name, row in objects(tmp_path).items()} == {
        "model.pdb": 86.0,
        "share.pdb": 86.0,
        "mask.pdb": None,
        "crystal.pdb": None,
        "atoms.pdb": None,
    }


def test_nothing_read_is_a_failure(tmp_path):
    """A file that is not there has its line; the exit status says that nothing was read."""
    assert "there is no such file" in run(tmp_path / "no.pdb", status=1)


def test_no_name_acts_on_the_terminal(tmp_path):
    """A file's name with bytes that are not UTF-8 or that move a cursor, and a chain's, are shown by their numbers."""
    for name in (b"lat\xe9.pdb", b"esc\x1b]0;title\x07.pdb"):
        with open(os.fsencode(tmp_path) + b"/" + name, "w") as handle:
            handle.write("\n".join(residue("GLY", "A", 1)))
    (tmp_path / "chain.pdb").write_text("\n".join([*residue("GLY", "\x1b", 1), ""]))
    said = run(tmp_path)
    assert r"lat\xe9.pdb: not read: the file's name is not UTF-8" in said
    assert r"esc\u001b]0;title\u0007.pdb: not read" in said
    assert r"chains \u001b 1;" in said
    assert not set(said) & {"\x1b", "\x07"}
    assert set(objects(tmp_path)) == {r"lat\xe9.pdb", r"esc\u001b]0;title\u0007.pdb", "chain.pdb"}
