"""mmCIF files with whatever columns of `_atom_site` they have, and headers that say less or other than the atoms."""

import numpy as np
import pytest

from alignscape.errors import ProteinRejected
from alignscape.proteins.parsing.parse import parse_structure
from tests.helpers.written_files import as_mmcif, atom_lines, chain_sizes, columns, each, same_atoms

UBIQUITIN = atom_lines("1ubq")
LINES = [*atom_lines("4hhb", "A"), *atom_lines("4hhb", "B")]
NEEDED = ["label_atom_id", "label_comp_id", "label_asym_id", "label_seq_id", "Cartn_x", "Cartn_y", "Cartn_z"]
USUAL = ["group_PDB", "id", "type_symbol", *NEEDED, "label_alt_id", "occupancy", "auth_seq_id", "pdbx_PDB_model_num"]
BY_AUTHOR = ["auth_atom_id", "auth_comp_id", "auth_asym_id", "auth_seq_id", "Cartn_x", "Cartn_y", "Cartn_z"]


@pytest.mark.parametrize(
    "tags",
    [
        USUAL,
        NEEDED,
        BY_AUTHOR,
        [*USUAL, "auth_asym_id"],
        *([t for t in USUAL if t != tag] for tag in USUAL if tag not in NEEDED),
    ],
    ids=lambda tags: f"{len(tags)} columns, {tags[0]} to {tags[-1]}",
)
def test_any_columns_will_do(write, tags):
    """Without elements, groups, altlocs, occupancies, models, author's or label names, the same atoms are read."""
    own, _ = parse_structure(write(LINES), id="X")
    structure, facts = parse_structure(write(as_mmcif(LINES, tags), "x.cif"), id="X")
    assert same_atoms(structure, own)
    assert structure.chain_author.tolist() == ["A", "B"]
    assert facts.lost == []


@pytest.mark.parametrize("missing", ["label_atom_id", "label_comp_id", "Cartn_y"])
def test_a_column_without_which_nothing_can_be_read_is_named(write, missing):
    """The reason is the column, not that there are no atoms."""
    text = as_mmcif(LINES, [tag for tag in NEEDED if tag != missing])
    with pytest.raises(ProteinRejected, match=missing):
        parse_structure(write(text, "x.cif"), id="X")


def test_names_of_any_length(write):
    """Chains, residues and atoms called by long names are read, and two chains stay two."""
    long = {
        "label_asym_id": lambda line: f"Receptor_chain_{line[21]}",
        "label_comp_id": lambda line: f"{line[17:20]}:Nterm_full" if line[22:26] == "   1" else line[17:20],
        "label_atom_id": lambda line: (
            f"{line[12:16].strip()}_variantB" if line[12:16] == " CD1" else line[12:16].strip()
        ),
    }
    own, _ = parse_structure(write(LINES), id="X")
    structure, facts = parse_structure(write(as_mmcif(LINES, USUAL, **long), "x.cif"), id="X")
    assert structure.chain_label.tolist() == ["Receptor_chain_A", "Receptor_chain_B"]
    assert structure.sequence == own.sequence == "".join(e.sequence for e in facts.polypeptides)
    np.testing.assert_array_equal(structure.atom_element, own.atom_element)
    assert "CD1_variantB" in structure.atom_name.tolist()


@pytest.mark.parametrize("value", ["?", ".", "nan", "NaN", "inf", "9999.0", "'none'"])
def test_a_coordinate_that_is_none_costs_its_atom(write, value):
    """In mmCIF as in PDB: the atom is missing and counted, and its residue stays."""
    change = {"Cartn_z": lambda line: value if line is UBIQUITIN[7] else line[46:54].strip()}
    structure, facts = parse_structure(write(as_mmcif(UBIQUITIN, USUAL, **change), "x.cif"), id="X")
    assert (structure.n_residues, structure.n_atoms) == (76, len(UBIQUITIN) - 1)
    assert [str(lost) for lost in facts.lost] == ["1 atom: no coordinates"]


def test_residues_without_coordinates_are_not_observed(write):
    """Of residues that are listed but not built the sequence knows, and the structure does not."""
    change = {f"Cartn_{x}": lambda line: "?" if line[22:26] > "  50" else line[30:38].strip() for x in "xyz"}
    structure, facts = parse_structure(write(as_mmcif(UBIQUITIN, USUAL, **change), "x.cif"), id="X")
    assert structure.n_residues == facts.n_residues == 50
    assert facts.length == 76
    assert {lost.what: lost.count for lost in facts.lost}["residue"] == 26


HEAD = """data_x
loop_
_entity.id
_entity.type
1 {type}
loop_
_entity_poly.entity_id
_entity_poly.type
_entity_poly.pdbx_seq_one_letter_code
1 {kind} {sequence}
loop_
_struct_asym.id
_struct_asym.entity_id
{chain} 1
"""
SEQUENCE = "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDKEGIPPDQQRLIFAGKQLEDGRTLSDYNIQKESTLHLVLRLRGG"
SAID = {"type": "polymer", "kind": "'polypeptide(L)'", "sequence": SEQUENCE, "chain": "A"}


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"kind": "?"}, {"kind": "other"}, {"kind": "polydeoxyribonucleotide"}, {"chain": "A-60"}, {"chain": "Q"},
        {"type": "non-polymer"}, {"type": "?"}, {"sequence": "?"}, {"sequence": "MQIFVKTL"}, {"sequence": "W" * 76},
    ],
    ids=str,
)  # fmt: skip
def test_a_header_counts_as_far_as_the_atoms_agree(write, wrong):
    """An unknown kind, another chain's name or another sequence costs the protein nothing, and makes no second chain."""
    text = as_mmcif(UBIQUITIN, [*USUAL, "label_entity_id"], head=HEAD.format(**SAID | wrong))
    structure, facts = parse_structure(write(text, "x.cif"), id="X")
    assert structure.n_residues == 76
    assert [(e.kind, e.chains_label, e.sequence) for e in facts.entities] == [("polypeptide", ["A"], SEQUENCE)]


def test_a_sequence_of_residue_names_is_read(write):
    """Boltz writes (MET)(GLN) for every residue: letters, not unknowns."""
    own, _ = parse_structure(write(UBIQUITIN), id="X")
    names = "".join(f"({name})" for name in own.residue_name.tolist())
    text = as_mmcif(UBIQUITIN, [*USUAL, "label_entity_id"], head=HEAD.format(**SAID | {"sequence": names}))
    assert parse_structure(write(text, "x.cif"), id="X")[1].polypeptides[0].sequence == SEQUENCE


def test_the_first_block_with_a_polypeptide(write):
    """Blocks of other things, of a ligand's atoms and of other entries stand beside it."""
    ion = each(UBIQUITIN[:1], lambda line: columns(columns(columns(line, 1, "HETATM"), 13, " ZN "), 18, " ZN"))
    text = (
        "data_comp_list\n_a.b 1\n"
        + as_mmcif(ion, USUAL, head="data_ion\n")
        + as_mmcif(UBIQUITIN, USUAL, head="data_y\n")
    )
    text += as_mmcif(LINES, USUAL, head="data_z\n")
    assert chain_sizes(parse_structure(write(text, "x.cif"), id="X")[0]) == [76]


def test_the_first_model_of_the_file_not_the_lowest_number(write):
    """Models are in the order of the file; one without a polypeptide is passed over."""
    ion = each(UBIQUITIN[:1], lambda line: columns(columns(columns(line, 1, "HETATM"), 13, " ZN "), 18, " ZN"))
    numbers = {id(line): str(model) for model, lines in ((3, ion), (2, UBIQUITIN), (1, LINES)) for line in lines}
    text = as_mmcif([*ion, *UBIQUITIN, *LINES], USUAL, pdbx_PDB_model_num=lambda line: numbers[id(line)])
    assert chain_sizes(parse_structure(write(text, "x.cif"), id="X")[0]) == [76]
