"""The parser: one small file for each thing that real files do, and Biopython as a second opinion on real entries."""

import csv
import gzip
import warnings
from pathlib import Path

import gemmi
import numpy as np
import pytest
from Bio.PDB import PDBParser

from alignscape.errors import ProteinRejected
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.structure import AMINO_ACIDS, UNKNOWN
from tests.helpers.pdb_lines import atom, residue

CHAIN_A = [*residue("GLY", "A", 1), *residue("SER", "A", 2), *residue("LYS", "A", 3)]
HEADER = [
    "HEADER    HYDROLASE                               01-JAN-00   1ABC",
    "TITLE     A TITLE THAT IS",
    "TITLE    2 CONTINUED",
    "COMPND    MOL_ID: 1;",
    "COMPND   2 MOLECULE: FIRST PROTEIN;",
    "COMPND   3 CHAIN: A, B;",
    "COMPND   4 EC: 3.1.1.7, 2.7.-.-;",
    "COMPND   5 MOL_ID: 2;",
    "COMPND   6 MOLECULE: DNA (5'-D(*GP*C)-3');",
    "COMPND   7 CHAIN: C",
    "SOURCE    MOL_ID: 1;",
    "SOURCE   2 ORGANISM_SCIENTIFIC: HOMO SAPIENS;",
    "SOURCE   3 ORGANISM_TAXID: 9606;",
    "SOURCE   4 MOL_ID: 2",
    "SEQRES   1 A    5  MET GLY SER LYS ALA",
    "SEQRES   1 B    5  MET GLY SER LYS ALA",
    "SEQRES   1 C    2   DG  DC",
]
DNA = [atom(90 + i, "P", name, "C", i, (40.0, 7.0 * i, 0.0), element="P") for i, name in enumerate(("DG", "DC"), 1)]


def names(structure) -> list[str]:
    return structure.residue_name.tolist()


def test_facts_come_from_the_header(write):
    """Entities, chains, organisms, EC numbers, sequences and counts are those of COMPND, SOURCE and SEQRES."""
    lines = [*HEADER, *CHAIN_A, "TER", *residue("GLY", "B", 1), *residue("SER", "B", 2), "TER", *DNA, "TER"]
    _, facts = parse_structure(write(lines), id="1ABC")
    protein, dna = facts.entities
    assert facts.title == "A TITLE THAT IS CONTINUED"
    assert (protein.name, protein.organism, protein.taxonomy_id) == ("FIRST PROTEIN", "HOMO SAPIENS", 9606)
    assert (protein.chains_author, protein.sequence, protein.ec) == (["A", "B"], "MGSKA", ["3.1.1.7", "2.7.-.-"])
    assert (dna.kind, dna.sequence, dna.organism, dna.taxonomy_id) == ("nucleic acid", "GC", "", None)
    assert (facts.length, facts.total_length, facts.n_entities, facts.n_chains) == (5, 10, 2, 2)
    assert (facts.n_residues, facts.n_ca, facts.n_backbone, facts.n_atoms) == (5, 5, 5, 25)


def test_nucleic_acid_chains_are_left_out_of_the_structure(write):
    """Only the protein's residues are there, and their place in SEQRES is known."""
    structure, _ = parse_structure(write([*HEADER, *CHAIN_A, "TER", *DNA, "TER"]), id="1ABC")
    assert structure.chain_author.tolist() == ["A"]
    assert structure.residue_position.tolist() == [2, 3, 4]
    assert structure.sequence == "GSK"


def test_chains_of_one_molecule_with_two_sequences_are_two_entities(write):
    """One MOL_ID over different SEQRES is split, as the archive's own mmCIF splits it."""
    lines = [*HEADER[:6], "SEQRES   1 A    3  GLY SER LYS", "SEQRES   1 B    1  GLY", *CHAIN_A, *residue("GLY", "B", 1)]
    structure, facts = parse_structure(write(lines), id="1ABC")
    assert [(e.number, e.name, e.sequence) for e in facts.entities] == [
        (1, "FIRST PROTEIN", "GSK"),
        (2, "FIRST PROTEIN", "G"),
    ]
    assert structure.chain_entity.tolist() == [1, 2]


@pytest.mark.parametrize("name", ["entry.pdb", "entry.ent.gz", "entry.cif", "entry.txt"])
def test_content_decides_not_the_name(write, name):
    """Gzipped or plain, under any name, a file gives the same atoms."""
    structure, _ = parse_structure(write(CHAIN_A, name), id="X")
    assert names(structure) == ["GLY", "SER", "LYS"]


def test_carriage_returns_change_nothing(write):
    """A file with CRLF line ends gives the same arrays and facts as one without."""
    unix, facts = parse_structure(write([*HEADER, *CHAIN_A], "a.pdb"), id="X")
    dos, dos_facts = parse_structure(write([*HEADER, *CHAIN_A], "b.pdb", newline="\r\n"), id="X")
    np.testing.assert_array_equal(unix.atom_xyz, dos.atom_xyz)
    assert facts.entities == dos_facts.entities


def test_first_model_only(write):
    """Of an ensemble the first model is taken."""
    models = ["MODEL        1", *CHAIN_A, "ENDMDL", "MODEL        2", *residue("TRP", "A", 1), "ENDMDL"]
    assert names(parse_structure(write(models), id="X")[0]) == ["GLY", "SER", "LYS"]


def test_altloc_of_highest_occupancy_and_ties_to_a(write):
    """B is taken where it has more occupancy, A where both have the same; each atom stands once."""
    lines = [
        atom(1, "N", "SER", "A", 1, (0, 0, 0), element="N"),
        atom(2, "CA", "SER", "A", 1, (1, 0, 0), altloc="A", occupancy=0.3),
        atom(3, "CA", "SER", "A", 1, (2, 0, 0), altloc="B", occupancy=0.7),
        atom(4, "CB", "SER", "A", 1, (3, 0, 0), altloc="B", occupancy=0.5),
        atom(5, "CB", "SER", "A", 1, (4, 0, 0), altloc="A", occupancy=0.5),
        atom(6, "C", "SER", "A", 1, (5, 0, 0)),
        atom(7, "C", "SER", "A", 1, (6, 0, 0)),
    ]
    structure, _ = parse_structure(write(lines), id="X")
    positions = dict(zip(structure.atom_name.tolist(), structure.atom_xyz[:, 0].tolist(), strict=True))
    assert positions == {"N": 0, "CA": 2, "CB": 4, "C": 5}


@pytest.mark.parametrize(("occupancy", "expected"), [((0.4, 0.6), "THR"), ((0.5, 0.5), "SER"), ((0.7, 0.3), "SER")])
def test_two_residues_at_one_position(write, occupancy, expected):
    """Of two identities at one position the one of highest occupancy stays, ties to altloc A, once."""
    both = [
        *residue("THR", "A", 2, altloc="B", occupancy=occupancy[1]),
        *residue("SER", "A", 2, altloc="A", occupancy=occupancy[0]),
    ]
    structure, _ = parse_structure(write([*residue("GLY", "A", 1), *both, *residue("GLY", "A", 3)]), id="X")
    assert names(structure) == ["GLY", expected, "GLY"]
    assert structure.n_atoms == 15


def test_a_residue_in_two_segments_is_one(write):
    """Segment names, an old column, do not part a residue's atoms."""
    lines = [line[:72] + segment + line[76:] for line, segment in zip(CHAIN_A, ["A   ", "    "] * 8, strict=False)]
    structure, _ = parse_structure(write(lines), id="X")
    assert names(structure) == ["GLY", "SER", "LYS"]
    assert structure.n_atoms == 15


def test_insertion_codes_are_kept(write):
    """52, 52A and 52B are three residues in the file's order."""
    lines = [
        *residue("GLY", "A", 52),
        *residue("SER", "A", 52, insertion="A"),
        *residue("LYS", "A", 52, insertion="B"),
    ]
    structure, _ = parse_structure(write(lines), id="X")
    assert structure.residue_number.tolist() == [52, 52, 52]
    assert structure.residue_insertion.tolist() == ["", "A", "B"]


def test_modified_residues_have_their_parents_type(write):
    """MSE is methionine, an unlisted name is what MODRES says, and both keep the file's name."""
    modres = "MODRES 1ABC XY9 A    3  CYS  SOMETHING"
    lines = [modres, *residue("GLY", "A", 1), *residue("MSE", "A", 2, record="HETATM")]
    lines += [*residue("XY9", "A", 3, record="HETATM"), *residue("UNK", "A", 4), *residue("LYS", "A", 5), "TER"]
    structure, _ = parse_structure(write(lines), id="1ABC")
    assert names(structure) == ["GLY", "MSE", "XY9", "UNK", "LYS"]
    assert structure.residue_type.tolist() == [*map(AMINO_ACIDS.index, "GMC"), UNKNOWN, AMINO_ACIDS.index("K")]


@pytest.mark.parametrize("end", [["TER"], []])
def test_ions_waters_and_ligands_are_no_residues(write, end):
    """A calcium called CA, a water and a free amino acid after the chain's end are left out."""
    others = [
        atom(91, "CA", "CA", "A", 91, (50, 0, 0), element="CA", record="HETATM"),
        atom(92, "O", "HOH", "A", 92, (60, 0, 0), element="O", record="HETATM"),
    ]
    free = residue("GLU", "A", 90, record="HETATM") if end else []
    structure, _ = parse_structure(write([*CHAIN_A, *end, *free, *others]), id="X")
    assert names(structure) == ["GLY", "SER", "LYS"]


def test_hydrogens_and_deuterium_are_left_out(write):
    """Only heavy atoms remain."""
    extra = [atom(95 + i, n, "GLY", "A", 1, (i, 9, 9), element=e) for i, (n, e) in enumerate([("H", "H"), ("D", "D")])]
    structure, _ = parse_structure(write([*CHAIN_A[:5], *extra, *CHAIN_A[5:]]), id="X")
    assert structure.n_atoms == 15
    assert set(structure.atom_element.tolist()) == {6, 7, 8}


def test_missing_backbone_atoms_are_counted(write):
    """A residue without C-alpha stays, with NaN; the counts say who lacks what."""
    lines = [line for i, line in enumerate(CHAIN_A) if i not in (6, 13)]  # CA of the second, O of the third
    structure, facts = parse_structure(write(lines), id="X")
    assert (facts.n_residues, facts.n_ca, facts.n_backbone) == (3, 2, 1)
    assert np.isnan(structure.ca[1]).all()


def test_ca_only_chain(write):
    """A chain of C-alphas alone is a protein, also where an old file's column makes its carbons look like calcium."""
    lines = [atom(i, "CA", "ALA", "A", i, (3.8 * i, 0, 0)) for i in range(1, 4)]
    shifted = [line[:12] + "CA  " + line[16:76] for line in lines]
    for variant in (lines, shifted):
        structure, facts = parse_structure(write(variant), id="X")
        assert (facts.n_residues, facts.n_ca, facts.n_backbone) == (3, 3, 0)
        assert set(structure.atom_element.tolist()) == {6}


def test_lower_case_and_two_letter_chains(write):
    """a is not A, and Aa is neither."""
    lines = [*residue("GLY", "A", 1), "TER", *residue("SER", "a", 1), "TER", *residue("LYS", "Aa", 1), "TER"]
    structure, facts = parse_structure(write(lines), id="X")
    assert structure.chain_author.tolist() == ["A", "a", "Aa"]
    assert facts.n_chains == 3


def test_a_chain_without_a_name_gets_one(write):
    """Descriptions need a name: the first free letter."""
    structure, facts = parse_structure(write(residue("GLY", " ", 1) + residue("SER", "A", 1)), id="X")
    assert structure.chain_author.tolist() == ["B", "A"]
    assert sorted(c for e in facts.entities for c in e.chains_author) == ["A", "B"]


def test_numbered_columns_of_before_1996(write):
    """The code and line number in columns 73-80 are no element, and no part of the name."""
    numbered = [
        "HEADER    HYDROLASE                               18-NOV-94   1ABC",
        "COMPND    FIRST PROTEIN (E.C.3.1.1.7)",
    ]
    numbered += ["COMPND   2 (OXIDIZED)", "SOURCE    HUMAN (HOMO $SAPIENS) RECOMBINANT IN (ESCHERICHIA COLI)", *CHAIN_A]
    lines = [f"{line[:70]:<72}1ABC{i:>4}" for i, line in enumerate(numbered, start=80)]
    structure, facts = parse_structure(write(lines), id="1ABC")
    assert set(structure.atom_element.tolist()) == {6, 7, 8}
    (entity,) = facts.entities
    assert (entity.name, entity.organism, entity.ec) == ("FIRST PROTEIN (OXIDIZED)", "HOMO SAPIENS", ["3.1.1.7"])


HTML = "<!DOCTYPE html>\n<html><body>404 Not Found</body></html>"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty file"),
        ("\n \n", "empty file"),
        (HTML, "an HTML page"),
        ("<?xml version='1.0'?><PDBx/>", "an XML file"),
        ("not here\n", "neither PDB atom records nor an mmCIF data block"),
        ("data_x\nloop_\n_a.b\n_a.c\n1 2 3\n", "not readable as mmCIF"),
        ("data_x\n_entry.id X\n", "no atoms in the mmCIF file"),
        ("\n".join([*HEADER[:6], "SEQRES   1 C    2   DG  DC", *DNA, ""]), "nothing but nucleic acid"),
        (atom(1, "CA", "CA", "A", 1, (0, 0, 0), element="CA", record="HETATM"), "no chain of amino acids"),
        (CHAIN_A[0][:30] + "   x.xxx" + CHAIN_A[0][38:], "not readable as PDB"),
    ],
)
def test_reasons_are_plain(write, content, reason):
    """What cannot be taken says why, in one line for the ledger."""
    with pytest.raises(ProteinRejected, match=reason) as caught:
        parse_structure(write(content), id="X")
    assert "\n" not in str(caught.value)


def test_truncated_and_damaged_gzip(write):
    """A cut gzip file and a scrambled one are told apart."""
    path = write(CHAIN_A, "entry.pdb.gz")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ProteinRejected, match="truncated gzip"):
        parse_structure(path, id="X")
    path.write_bytes(whole[:20] + b"\xff" * 20 + whole[40:])
    with pytest.raises(ProteinRejected, match="damaged gzip"):
        parse_structure(path, id="X")
    with pytest.raises(ProteinRejected, match="no such file"):
        parse_structure(path.with_name("absent.pdb"), id="X")


# --- mmCIF ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["3sn6", "1j59", "2fvd", "1orc", "3u7t"])
def test_mmcif_and_pdb_of_one_entry_agree(demo, write, code):
    """gemmi writes a PDB file as mmCIF; both give the same residues, atoms and sequence positions."""
    path = demo / "structures" / f"{code}.pdb.gz"
    original = gemmi.read_structure(str(path))
    original.setup_entities()
    original.assign_label_seq_id()
    cif = write(original.make_mmcif_document().as_string(), f"{code}.cif")
    (pdb, facts), (mmcif, cif_facts) = parse_structure(path, id="X"), parse_structure(cif, id="X")
    for field in ("atom_name", "atom_xyz", "atom_residue", "residue_name", "residue_insertion", "residue_position"):
        np.testing.assert_array_equal(getattr(pdb, field), getattr(mmcif, field), err_msg=field)
    assert pdb.chain_author.tolist() == mmcif.chain_author.tolist()
    assert sorted(e.sequence for e in facts.polypeptides) == sorted(e.sequence for e in cif_facts.polypeptides)


MMCIF = """data_9XYZ
_struct.title 'A complex'
_struct_keywords.text 'TRANSFERASE, DNA'
_exptl.method 'X-RAY DIFFRACTION'
loop_
_entity.id
_entity.type
_entity.pdbx_description
_entity.pdbx_ec
1 polymer 'Aurora kinase A' 2.7.11.1
2 polymer "DNA (5'-D(*GP*C)-3')" ?
3 non-polymer 'CALCIUM ION' ?
loop_
_entity_poly.entity_id
_entity_poly.type
_entity_poly.pdbx_seq_one_letter_code
_entity_poly.pdbx_seq_one_letter_code_can
1 'polypeptide(L)' G(MSE)S GMS
2 polydeoxyribonucleotide (DG)(DC) GC
loop_
_struct_asym.id
_struct_asym.entity_id
A 1
B 2
C 1
D 3
loop_
_entity_src_gen.entity_id
_entity_src_gen.pdbx_gene_src_scientific_name
_entity_src_gen.pdbx_gene_src_ncbi_taxonomy_id
1 'Homo sapiens' 9606
1 'Mus musculus' 10090
loop_
_pdbx_poly_seq_scheme.asym_id
_pdbx_poly_seq_scheme.entity_id
_pdbx_poly_seq_scheme.pdb_strand_id
A 1 XA
B 2 T
C 1 xb
loop_
_atom_site.group_PDB
_atom_site.id
_atom_site.type_symbol
_atom_site.label_atom_id
_atom_site.label_alt_id
_atom_site.label_comp_id
_atom_site.label_asym_id
_atom_site.label_entity_id
_atom_site.label_seq_id
_atom_site.pdbx_PDB_ins_code
_atom_site.Cartn_x
_atom_site.Cartn_y
_atom_site.Cartn_z
_atom_site.occupancy
_atom_site.B_iso_or_equiv
_atom_site.auth_seq_id
_atom_site.auth_asym_id
_atom_site.pdbx_PDB_model_num
ATOM   1 C  CA . GLY A 1 1 ? 0.0 0.0 0.0 1.0 0.0 10 XA 1
HETATM 2 C  CA . MSE A 1 2 ? 3.8 0.0 0.0 1.0 0.0 10 XA 1
HETATM 3 SE SE . MSE A 1 2 ? 3.8 2.0 0.0 1.0 0.0 10 XA 1
ATOM   4 P  P  . DG  B 2 1 ? 9.0 9.0 0.0 1.0 0.0 1 T 1
ATOM   5 C  CA . SER C 1 3 B 0.0 0.0 9.0 1.0 0.0 12 xb 1
HETATM 6 CA CA . CA  D 3 . ? 7.0 7.0 7.0 1.0 0.0 99 XA 1
ATOM   7 C  CA . GLY A 1 1 ? 8.0 0.0 0.0 1.0 0.0 10 XA 2
""".replace("? 3.8 0.0 0.0 1.0 0.0 10 XA", "? 3.8 0.0 0.0 1.0 0.0 11 XA").replace(
    "? 3.8 2.0 0.0 1.0 0.0 10 XA", "? 3.8 2.0 0.0 1.0 0.0 11 XA"
)


@pytest.mark.parametrize("name", ["entry.cif", "entry.cif.gz"])
def test_mmcif_says_both_chain_names_and_its_entities(write, name):
    """Label and author names, sequence positions, entities, organisms and EC numbers are the file's own."""
    structure, facts = parse_structure(write(MMCIF, name), id="9XYZ")
    assert (structure.chain_label.tolist(), structure.chain_author.tolist()) == (["A", "C"], ["XA", "xb"])
    assert structure.chain_entity.tolist() == [1, 1]
    assert structure.residue_position.tolist() == [1, 2, 3]
    assert (structure.sequence, names(structure)) == ("GMS", ["GLY", "MSE", "SER"])
    assert structure.residue_insertion.tolist() == ["", "", "B"]
    kinase, dna = facts.entities
    assert (kinase.name, kinase.ec, kinase.sequence) == ("Aurora kinase A", ["2.7.11.1"], "GMS")
    assert (kinase.organism, kinase.taxonomy_id) == ("Homo sapiens, Mus musculus", 9606)
    assert (kinase.chains_label, kinase.chains_author) == (["A", "C"], ["XA", "xb"])
    assert (dna.kind, dna.chains_author, facts.length, facts.total_length) == ("nucleic acid", ["T"], 3, 6)


def test_mmcif_with_atoms_alone(write):
    """An mmCIF file of nothing but _atom_site still gives its protein."""
    table = MMCIF[MMCIF.index("loop_\n_atom_site") :]
    structure, facts = parse_structure(write("data_x\n" + table), id="X")
    assert structure.sequence == "GMS"
    assert {chain for entity in facts.polypeptides for chain in entity.chains_author} == {"XA", "xb"}


# --- real entries -----------------------------------------------------------------------------------------


def demo_rows() -> list[dict[str, str]]:
    table = Path(__file__).parents[3] / "data" / "demo" / "entries.tsv"
    with open(table, encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def test_demo_agrees_with_biopython_and_the_table(demo):
    """All 85 entries: C-alphas, counts and coordinates of Biopython; entities and residues of entries.tsv.

    Known differences: 1TII's one MOL_ID has three sequences; at the positions with two residue identities Biopython
    takes the last on ties (3U7T) and counts both where they are HETATM (3DL7).
    """
    for row in demo_rows():
        path = demo / "structures" / f"{row['id'].lower()}.pdb.gz"
        structure, facts = parse_structure(path, id=row["id"])
        with warnings.catch_warnings(), gzip.open(path, "rt") as handle:
            warnings.simplefilter("ignore")
            model = PDBParser(QUIET=True).get_structure("x", handle)[0]
        positions = {(c.id, *r.id[1:]): r for c in model for r in c if "CA" in r}
        assert facts.n_ca == int(row["n_residues"]) == len(positions), row["id"]
        assert facts.n_entities == int(row["n_entities"]) or row["id"] == "1TII"
        same = np.array([r.is_disordered() != 2 and r.id[0] == " " for r in positions.values()])
        coordinates = np.array([r["CA"].coord for r in positions.values()])
        np.testing.assert_allclose(structure.ca[structure.has_ca][same], coordinates[same], atol=2e-3)


def test_demo_facts_are_complete(demo):
    """Every polypeptide of the demo has a name; those without an organism are the four that the notes list."""
    without = set()
    for row in demo_rows():
        _, facts = parse_structure(demo / "structures" / f"{row['id'].lower()}.pdb.gz", id=row["id"])
        assert all(e.name and e.chains_author and e.sequence for e in facts.polypeptides), row["id"]
        without |= {row["id"]} if any(not e.organism for e in facts.polypeptides) else set()
        assert facts.from_json(facts.to_json()) == facts
    assert without == {"1A4W", "3E8D", "3GNN", "3PWP"}
