"""Proteins of some chains of an entry: against gemmi's own choice, against the whole entry, and what is not there."""

import gzip
from dataclasses import fields

import gemmi
import numpy as np
import pytest

from alignscape.config.proteins import Proteins
from alignscape.errors import ProteinRejected
from alignscape.proteins.chosen_chains import take_chains
from alignscape.proteins.parse_shard import parse_located, parse_protein
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.parsing.plddt import PlddtMask
from alignscape.proteins.sources.open import open_source
from alignscape.proteins.sources.source import Located
from tests.helpers.pdb_lines import residue


def parsed(demo, *ids, unit="entry"):
    """The proteins of ids of the embedded entries, as the jobs make them, and the lines of what is lost."""
    source = open_source(Proteins(ids=list(ids), unit=unit), cache_dir=demo)
    return parse_located(source.fetch(source.ids()), unit=unit)


def by_gemmi(demo, entry, chains):
    """(r, 3) C-alphas and the residue numbers of chains, as gemmi chooses them from the file."""
    with gzip.open(demo / "structures" / f"{entry.lower()}.pdb.gz", "rt") as handle:
        structure = gemmi.read_pdb_string(handle.read())
    structure.setup_entities()
    structure.remove_alternative_conformations()
    polymers = (chain.get_polymer() for chain in structure[0] if chain.name in chains)
    residues = [residue for polymer in polymers for residue in polymer if residue.find_atom("CA", "*")]
    return np.array([r.find_atom("CA", "*").pos.tolist() for r in residues]), [r.seqid.num for r in residues]


@pytest.mark.parametrize(
    ("entry", "chains"), [("4HHB", "A"), ("4HHB", "BD"), ("1A4W", "H"), ("3SN6", "RA"), ("1BD2", "E")]
)
def test_chains_are_those_that_gemmi_chooses(demo, entry, chains):
    """The same residues, at the same places."""
    ((structure, facts),), lost = parsed(demo, f"{entry}:{','.join(chains)}")
    alphas, numbers = by_gemmi(demo, entry, chains)
    assert lost == []
    assert structure.residue_number.tolist() == numbers
    assert np.allclose(structure.ca, alphas, atol=1e-3)
    assert sorted(set(structure.chain_author.tolist())) == sorted(chains)
    assert (facts.n_residues, facts.n_atoms, facts.n_chains) == (len(numbers), structure.n_atoms, len(chains))


def test_the_chains_of_an_entry_make_up_the_entry(demo):
    """`unit: chain` gives every residue and atom of the entry once, each with its own facts."""
    ((whole, facts),), _ = parsed(demo, "4HHB")
    each, lost = parsed(demo, "4HHB", unit="chain")
    assert lost == []
    assert [s.id for s, _ in each] == [f.id for _, f in each] == ["4HHB:A", "4HHB:B", "4HHB:C", "4HHB:D"]
    for field in fields(whole):
        if field.name.startswith(("residue_", "atom_xyz")) and field.name != "residue_chain":
            joined = np.concatenate([getattr(structure, field.name) for structure, _ in each])
            np.testing.assert_array_equal(joined, getattr(whole, field.name), err_msg=field.name)
    assert [s.residue_chain.max() for s, _ in each] == [0] * 4
    assert [len(f.entities) for _, f in each] == [1] * 4
    assert [f.entities[0].name for _, f in each] == [facts.entities[i].name for i in (0, 1, 0, 1)]
    assert [f.length for _, f in each] == [141, 146, 141, 146]
    assert [s.chain_entity.tolist() for s, _ in each] == [[1]] * 4


def test_named_chains_are_one_protein_each_or_together(demo):
    """`4HHB:A,B` is one protein of two chains; with `unit: chain` it is two; named twice it is there once."""
    assert [s.id for s, _ in parsed(demo, "4HHB:B,A")[0]] == ["4HHB:A,B"]
    assert [s.id for s, _ in parsed(demo, "4hhb:B,A", "4HHB:B", unit="chain")[0]] == ["4HHB:A", "4HHB:B"]
    assert [s.id for s, _ in parsed(demo, "4HHB", "4HHB:B", unit="chain")[0]] == [f"4HHB:{c}" for c in "ABCD"]
    assert [s.id for s, _ in parsed(demo, "pdb_00004hhb:A", "4HHB:A", "1crn")[0]] == ["1CRN", "4HHB:A"]


def test_chains_of_one_entry_read_its_file_once(demo):
    """A table of a ribosome's chains would otherwise read its file a hundred times; what was lost is one list then."""
    found, _ = parsed(demo, "4HHB:A", "1CRN", "4HHB:B", "4HHB:C")
    assert [f.id for _, f in found] == ["1CRN", "4HHB:A", "4HHB:B", "4HHB:C"]
    assert len({id(facts.lost) for _, facts in found}) == 2


def test_a_chain_that_is_not_there_costs_its_protein_a_line_with_those_that_are(demo):
    """Also beside one that is there, and a nucleic acid's is no protein."""
    found, lost = parsed(demo, "4HHB:A,X", "4HHB:B")
    assert [s.id for s, _ in found] == ["4HHB:B"]
    assert [(o.id, o.stage) for o in lost] == [("4HHB:A,X", "parse")]
    assert lost[0].reason == "no polypeptide chain is called X; those there are: A, B, C, D"
    found, lost = parsed(demo, "4HHB:A,X", unit="chain")
    assert ([s.id for s, _ in found], [o.id for o in lost]) == (["4HHB:A"], ["4HHB:X"])
    assert "no polypeptide chain is called B" in parsed(demo, "1LCD:B")[1][0].reason


def test_chains_are_called_as_their_authors_call_them(tmp_path):
    """An mmCIF file's label is no name of a chain, but the line of the ledger says whose it is."""
    lines = ["data_X", "loop_", *(f"_atom_site.{c}" for c in COLUMNS)]
    for n, (label, author) in enumerate([("A", "B"), ("B", "H")]):
        for i in range(1, 6):
            for j, (name, element) in enumerate([("N", "N"), ("CA", "C"), ("C", "C"), ("O", "O")]):
                lines.append(f"ATOM {element} {name} GLY {label} 1 {i} {author} {i} {3.8 * i:.1f} {20 * n} {j} 1")
    path = tmp_path / "x.cif"
    path.write_text("\n".join(lines) + "\n")
    located = Located(path, None, "")
    (structure, facts), _ = parse_protein("X:B", located)
    assert (structure.chain_author.tolist(), structure.chain_label.tolist()) == (["B"], ["A"])
    assert facts.entities[0].chains_author == ["B"]
    with pytest.raises(ProteinRejected, match=r"is called A; those there are: B \(label A\), H \(label B\)"):
        parse_protein("X:A", located)


COLUMNS = (
    "group_PDB", "type_symbol", "label_atom_id", "label_comp_id", "label_asym_id", "label_entity_id", "label_seq_id",
    "auth_asym_id", "auth_seq_id", "Cartn_x", "Cartn_y", "Cartn_z", "pdbx_PDB_model_num",
)  # fmt: skip


def test_a_chain_that_is_masked_whole_is_a_line(tmp_path):
    """Of a predicted complex whose one chain the predictor is not sure of; the other stays."""
    path = tmp_path / "x.pdb"
    lines = [f"{line[:60]}{b:6.2f}{line[66:]}" for chain, b in (("A", 90), ("B", 20)) for line in chain_lines(chain)]
    path.write_text("\n".join(lines) + "\nEND\n")
    found, lost = parse_located({"X": Located(path, None, "")}, unit="chain", mask=PlddtMask(70, "yes"))
    assert [s.id for s, _ in found] == ["X:A"]
    assert [(o.id, o.reason) for o in lost if o.id == "X:B"] == [
        ("X:B", "no residue of chain B was read: none has coordinates, or all are masked")
    ]


def chain_lines(chain):
    return [line for i in range(1, 6) for line in residue("GLY", chain, i)]


def test_a_whole_entry_is_itself(demo):
    """Without chains nothing is chosen: the arrays are those of the parser."""
    whole = parse_structure(demo / "structures" / "1crn.pdb.gz", id="1CRN")
    structure, facts = take_chains(whole, "1CRN")
    assert facts == whole[1]
    assert structure.atom_xyz is whole[0].atom_xyz
