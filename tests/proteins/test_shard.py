"""A shard from located files to disk, the store, and the ledger: the folder of bad files among them."""

import gzip
import shutil
from dataclasses import fields

import numpy as np

from alignscape.config.proteins import Proteins
from alignscape.proteins.facts import ProteinFacts
from alignscape.proteins.parse_shard import parse_shard
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.sources.open import open_source
from alignscape.proteins.structure import Structure
from alignscape.proteins.structure_store import load_structures, save_structures
from alignscape.storage.files import read_jsonl
from alignscape.storage.ledger import Omission, read_ledger, write_ledger
from tests.helpers.pdb_lines import atom, residue


def equal(one: Structure, other: Structure) -> bool:
    return all(
        np.array_equal(getattr(one, f.name), getattr(other, f.name), equal_nan=getattr(one, f.name).dtype.kind == "f")
        and getattr(one, f.name).dtype == getattr(other, f.name).dtype
        for f in fields(Structure)
        if f.name != "id"
    )


def test_stored_structures_are_the_same(demo, tmp_path):
    """Saved and loaded, structures are equal field by field and dtype by dtype, and the bytes do not vary."""
    codes = ["1crn", "3sn6", "4hhb", "1d3z", "1a4w"]
    parsed = [parse_structure(demo / "structures" / f"{c}.pdb.gz", id=c.upper())[0] for c in codes]
    save_structures(tmp_path / "a.npz", parsed)
    save_structures(tmp_path / "b.npz", parsed)
    loaded = load_structures(tmp_path / "a.npz")
    assert [s.id for s in loaded] == [s.id for s in parsed]
    assert all(equal(a, b) for a, b in zip(loaded, parsed, strict=True))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    save_structures(tmp_path / "none.npz", [])
    assert load_structures(tmp_path / "none.npz") == []


def run(directory, tmp_path):
    """Structures, facts and omissions of a folder, as the jobs make them."""
    source = open_source(Proteins(source="directory", directory=directory), cache_dir=tmp_path)
    out = {name: tmp_path / name for name in ("structures", "facts", "omissions")}
    parse_shard(source.fetch(source.ids()), **out)
    facts = [ProteinFacts.from_json(row) for row in read_jsonl(out["facts"])]
    return load_structures(out["structures"]), facts, [Omission(**row) for row in read_jsonl(out["omissions"])]


def test_a_folder_of_bad_files(demo, tmp_path):
    """One good file comes through, a CA-only one too; four others are explained, one line each."""
    folder = tmp_path / "in"
    folder.mkdir()
    good = demo / "structures" / "1crn.pdb.gz"
    shutil.copy(good, folder)
    (folder / "cut.pdb.gz").write_bytes(good.read_bytes()[:5000])
    (folder / "page.pdb").write_text("<!DOCTYPE html>\n<html><head><title>404</title></head></html>\n")
    (folder / "empty.cif").write_text("")
    dna = [atom(i, "P", "DG", "A", i, (7.0 * i, 0, 0), element="P") for i in range(1, 5)]
    (folder / "dna.pdb").write_text("\n".join(dna) + "\n")
    trace = [atom(i, "CA", "ALA", "A", i, (3.8 * i, 0, 0)) for i in range(1, 9)]
    (folder / "trace.pdb").write_text("\n".join(trace) + "\n")
    structures, facts, omissions = run(folder, tmp_path)
    assert [s.id for s in structures] == [f.id for f in facts] == ["1CRN", "TRACE"]
    assert (facts[1].n_ca, facts[1].n_backbone) == (8, 0)
    reasons = {omission.id: omission.reason for omission in omissions}
    assert sorted(reasons) == ["CUT", "DNA", "EMPTY", "PAGE"]
    assert "truncated gzip" in reasons["CUT"]
    assert "HTML page" in reasons["PAGE"]
    assert reasons["EMPTY"] == "empty file"
    assert "nothing but nucleic acid" in reasons["DNA"]


def test_a_fasta_file_beside_names_the_entities(tmp_path):
    """FASTA facts reach the facts and the structure's entity numbers; an unreadable FASTA is only a remark."""
    folder = tmp_path / "in"
    folder.mkdir()
    text = "\n".join([*residue("GLY", "E", 1), "TER", *residue("SER", "F", 1), "TER", ""])
    for stem in ("a", "b"):
        (folder / f"{stem}.pdb").write_text(text)
    (folder / "a.fasta").write_text(
        ">A_1|Chain A[auth F]|Serin|Bos taurus (9913)\nSS\n>A_2|Chain B[auth E]|Glycin|\nG\n"
    )
    (folder / "b.fasta").write_text("no fasta")
    structures, facts, omissions = run(folder, tmp_path)
    assert [e.name for e in facts[0].entities] == ["Serin", "Glycin"]
    assert structures[0].chain_author.tolist() == ["E", "F"]
    assert structures[0].chain_entity.tolist() == [2, 1]
    assert facts[0].length == 3
    assert [(omission.id, omission.stage) for omission in omissions] == [("in/", "parse")]
    assert "own headers instead" in omissions[0].reason


def test_the_ledger_has_one_line_a_reason(tmp_path):
    """Equal reasons of several encoders share a line; order and encoders are sorted; text stays on its line."""
    omissions = [
        Omission("B", "embed", "gvp", "too\tlong"),
        Omission("B", "eligibility", "scannet", "no backbone"),
        Omission("B", "eligibility", "gvp", "no backbone"),
        Omission("A", "parse", "", "empty file"),
    ]
    write_ledger(tmp_path / "ledger.tsv", omissions)
    assert [tuple(row.values()) for row in read_ledger(tmp_path / "ledger.tsv")] == [
        ("A", "parse", "", "empty file"),
        ("B", "eligibility", "gvp,scannet", "no backbone"),
        ("B", "embed", "gvp", "too long"),
    ]
    write_ledger(tmp_path / "empty.tsv", [])
    assert read_ledger(tmp_path / "empty.tsv") == []


def test_gzipped_mmcif_without_polypeptide_is_explained(tmp_path):
    """The same reasons hold for the other format."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "x.cif.gz").write_bytes(gzip.compress(b"data_x\n_entry.id X\n"))
    _, _, omissions = run(folder, tmp_path)
    assert omissions == [Omission("X", "parse", "", "no atoms in the mmCIF file")]


def test_long_names_and_letters_of_any_alphabet_are_stored(tmp_path):
    """Chains called by long names, or not in ASCII, come back as they were, beside others of the shard."""
    folder = tmp_path / "in"
    folder.mkdir()
    tags = ("label_atom_id", "label_comp_id", "label_asym_id", "label_seq_id", "Cartn_x", "Cartn_y", "Cartn_z")
    head = "data_x\nloop_\n" + "".join(f"_atom_site.{tag}\n" for tag in tags)
    for stem, chain in (("a", "Receptor_chain_A"), ("b", "'Récepteur α'"), ("c", "C")):
        rows = [
            f"{name} GLY {chain} {i} {3.8 * i} {y} 1.5" for i in range(1, 4) for y, name in enumerate(("N", "CA", "C"))
        ]
        (folder / f"{stem}.cif").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    structures, facts, omissions = run(folder, tmp_path)
    assert omissions == []
    assert [s.chain_label.tolist() for s in structures] == [["Receptor_chain_A"], ["Récepteur α"], ["C"]]
    assert [f.n_residues for f in facts] == [3, 3, 3]


def test_one_fasta_file_for_many_structures(tmp_path):
    """Records go to the structures that they name; of what nobody understands there is one line a folder."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number, name in ((1, "GLY"), (2, "SER"), (3, "LYS")):
        lines = [line for i in range(1, 9) for line in residue(name, "A", i)]
        (folder / f"design_{number}.pdb").write_text("\n".join(lines) + "\n")
    (folder / "designs.fa").write_text(
        f"; made by hand\n>design_1, score=0.7\n{'G' * 8}{'W' * 2}*\n>sp|DESIGN_2|X Sticky OS=Bos taurus OX=9913\n{'S' * 8}\n"
    )
    _, facts, omissions = run(folder, tmp_path)
    assert omissions == []
    assert [f.length for f in facts] == [10, 8, 8]
    assert [f.entities[0].name for f in facts] == ["", "Sticky", ""]
    (folder / "designs.fa").write_text("no records\n")
    _, facts, omissions = run(folder, tmp_path)
    assert len(facts) == 3
    assert [(omission.id, omission.stage) for omission in omissions] == [("in/", "parse")]
