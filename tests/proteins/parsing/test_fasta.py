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


@pytest.mark.parametrize(
    "text", ["", "MKLV\n", "<html></html>", ">sp|P00760|TRY1_BOVIN Serine protease\nMK\n", ">1AAA_1|A|X|Y\nMK"]
)
def test_what_is_no_rcsb_fasta_is_named(text):
    """Anything else is rejected in one line that shows what was found."""
    with pytest.raises(ProteinRejected, match="expected"):
        parse_fasta(text)


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
