"""The grammar of RCSB's FASTA headers, branch by branch, and there and back again."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignscape.errors import ProteinRejected
from alignscape.proteins.facts import Entity
from alignscape.proteins.parsing.entities import with_fasta
from alignscape.proteins.parsing.fasta import FastaRecord, parse_fasta


@pytest.mark.parametrize(
    ("header", "chains", "name", "organism", "taxonomy_id"),
    [
        ("1AAA_1|Chain A|LYSIN|Bos taurus (9913)", [("A", "A")], "LYSIN", "Bos taurus", 9913),
        ("1AAA_1|Chain A[auth E]|LYSIN|Bos taurus (9913)", [("A", "E")], "LYSIN", "Bos taurus", 9913),
        ("1AAA_12|Chains A, Bb[auth P]|X|Y (1)", [("A", "A"), ("Bb", "P")], "X", "Y", 1),
        ("1AAA_1|Chains Q7,q7|X|Y (1)", [("Q7", "Q7"), ("q7", "q7")], "X", "Y", 1),
        ("1AAA_1|Chain A|X, large subunit|Y z", [("A", "A")], "X, large subunit", "Y z", None),
        ("1AAA_1|Chain A|5'-D(*GP*CP)-3'|", [("A", "A")], "5'-D(*GP*CP)-3'", "", None),
        ("1AAA_1|Chain A|X|null", [("A", "A")], "X", "", None),
        ("1AAA_1|Chain A|RNA (30-MER)", [("A", "A")], "RNA (30-MER)", "", None),
        ("1AAA_1|Chain A|a|b|Y (1)", [("A", "A")], "a|b", "Y", 1),
        ("1AAA_1|Chain A|X|Y (strain ATCC 1 / B) (7)", [("A", "A")], "X", "Y (strain ATCC 1 / B)", 7),
        ("1AAA_1|Chain A|X|Phage T9 (5), Homo sapiens (9606)", [("A", "A")], "X", "Phage T9, Homo sapiens", 5),
    ],
)
def test_header_branches(header, chains, name, organism, taxonomy_id):
    """Each form that real headers take gives its chains, name, organism and taxonomy id."""
    (record,) = parse_fasta(f">{header}\nMK\nLV\n")
    assert list(record.chains) == chains
    assert (record.name, record.organism, record.taxonomy_id) == (name, organism, taxonomy_id)
    assert record.sequence == "MKLV"


@pytest.mark.parametrize("text", ["", "MKLV\n", "<html></html>", "MKLV\n>late\nMK\n", "; a remark alone\n"])
def test_what_is_no_fasta_is_named(text):
    """A text without a header first is rejected in one line."""
    with pytest.raises(ProteinRejected, match="expected"):
        parse_fasta(text)


OTHERS = {
    "sp|P69905|HBA_HUMAN Hemoglobin subunit alpha OS=Homo sapiens OX=9606 GN=HBA1 PE=1 SV=2": (
        "P69905", "Hemoglobin subunit alpha", "Homo sapiens", 9606, ("HBA_HUMAN",),
    ),
    "tr|A0A024|A0A024_MOUSE Some protein OS=Mus musculus": ("A0A024", "Some protein", "Mus musculus", None, ("A0A024_MOUSE",)),
    "NP_000508.1 hemoglobin subunit alpha [Homo sapiens]": ("NP_000508.1", "hemoglobin subunit alpha", "Homo sapiens", None, ()),
    "design_1, score=0.7915, global_score=0.8, designed_chains=['A']": ("design_1", "", "", None, ()),
    "4HHB:A|PDBID|CHAIN|SEQUENCE": ("4HHB:A", "", "", None, ("4HHB",)),
    "4hhb_A mol:protein length:141  HEMOGLOBIN": ("4hhb_A", "", "", None, ("4hhb",)),
    "1AAA_1|A|X|Y": ("1AAA_1", "", "", None, ("1AAA",)),
    "": ("", "", "", None, ()),
}  # fmt: skip


@pytest.mark.parametrize("header", OTHERS)
def test_other_headers_say_what_they_say(header):
    """UniProt's and NCBI's name a protein and an organism; others give an id; the sequence is read under any of them."""
    (record,) = parse_fasta(f">{header}\nMKLV*\n")
    says = (record.id, record.name, record.organism, record.taxonomy_id, record.aliases)
    assert says == OTHERS[header]
    assert (record.chains, record.sequence) == ((), "MKLV")


@pytest.mark.parametrize(
    "body", ["MK\nLV\n", "MKLV*\n", "MK LV\n*", "; remark\nMKLV\n", "1 MK LV 4\n", "MK\r\nLV\r\n", "MK-LV"]
)
def test_remarks_ends_and_layout_are_no_residues(body):
    """An asterisk at the end, remarks, blanks, numbers and gaps leave the sequence as it is."""
    assert parse_fasta(f"; first\n>x\n{body}")[0].sequence == "MKLV"


@pytest.mark.parametrize("mark", ["/", ":", "/\n"])
def test_a_complex_in_one_record_is_several_sequences(mark):
    """Design and prediction programs write the chains of a complex into one record."""
    records = parse_fasta(f">design_7, score=1\nMKLV{mark}GGS\n")
    assert [(record.id, record.sequence) for record in records] == [("design_7", "MKLV"), ("design_7", "GGS")]


def test_a_record_without_chains_is_the_entitys_whose_sequence_it_has():
    """Names follow sequences: an equal one first, then the one that the observed residues are a part of; others nothing."""
    alpha, beta = "MVLSPADKTNVKAAWGKVGAHAGEYGAEALERM", "MVHLTPEEKSAVTALWGKVNVDEVGGEALGRLL"
    own = [
        Entity(1, "polypeptide", ["B"], ["B"], "", "", None, beta),
        Entity(2, "polypeptide", ["A"], ["A"], "", "", None, alpha[3:]),
        Entity(3, "polypeptide", ["C"], ["C"], "OWN", "", None, "GGGGSGGGGSGGGGS"),
    ]
    text = f">sp|P1|A Alpha OS=Homo sapiens OX=9606\n{alpha}*\n>sp|P2|B Beta OS=Homo sapiens OX=9606\n{beta}\n>z\nWWWWWWWW\n"
    first, second, third = with_fasta(own, parse_fasta(text))
    assert (first.name, first.organism, first.taxonomy_id, first.sequence) == ("Beta", "Homo sapiens", 9606, beta)
    assert (second.name, second.sequence, second.chains_label) == ("Alpha", alpha, ["A"])
    assert third == own[2]


chain_names = st.text(string.ascii_letters + string.digits, min_size=1, max_size=4)
words = st.text(string.ascii_letters + string.digits + " ,'()-/*:.", min_size=1).map(lambda t: " ".join(t.split()))
stated = words.filter(lambda t: t.lower() not in {"", "null", "none", "?", "."})
records = st.builds(
    FastaRecord,
    id=st.text(string.ascii_uppercase + string.digits, min_size=4, max_size=8),
    entity=st.integers(1, 99),
    chains=st.lists(st.tuples(chain_names, chain_names), min_size=1, max_size=50).map(tuple),
    name=stated,
    organism=stated.filter(lambda t: ")" not in t),
    taxonomy_id=st.none() | st.integers(1, 10**7),
    sequence=st.text(string.ascii_uppercase, max_size=200),
)


@given(st.lists(records, min_size=1, max_size=4))
def test_written_headers_read_back(entries):
    """What a record's header says is what parsing it gives, line wrapped or not."""
    text = "".join(f"{r.header}\n{r.sequence[:80]}\n{r.sequence[80:]}\n" for r in entries)
    assert parse_fasta(text) == entries
    assert parse_fasta(text.replace("\n", "\r\n")) == entries


def test_fasta_facts_win_and_gaps_are_filled_from_the_file():
    """Names, sequences and chains are the FASTA's; EC numbers and what it leaves empty are the structure file's."""
    own = [
        Entity(1, "nucleic acid", ["C"], ["C"], "DNA", "", None, "GC"),
        Entity(2, "polypeptide", ["E", "F"], ["E", "F"], "SHOUTED", "BOS TAURUS", 9913, "MK", ["3.4.21.4"]),
        Entity(3, "polypeptide", ["Z"], ["Z"], "EXTRA", "", None, "AA"),
    ]
    records = parse_fasta(">1AAA_1|Chains A[auth E], B[auth F]|Trypsin|null\nMKL\n>1AAA_2|Chain C|DNA|null\nGC\n")
    trypsin, dna, extra = with_fasta(own, records)
    assert (trypsin.name, trypsin.organism, trypsin.taxonomy_id) == ("Trypsin", "BOS TAURUS", 9913)
    assert (trypsin.chains_label, trypsin.chains_author) == (["A", "B"], ["E", "F"])
    assert (trypsin.sequence, trypsin.ec, trypsin.number) == ("MKL", ["3.4.21.4"], 1)
    assert (dna.kind, dna.number) == ("nucleic acid", 2)
    assert (extra.name, extra.number) == ("EXTRA", 3)
