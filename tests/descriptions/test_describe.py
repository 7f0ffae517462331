"""Descriptions: the paper's sentences, every way to leave facts out, and names in the case a person would write."""

from dataclasses import replace
from itertools import combinations

import pytest

from alignscape.descriptions.letter_case import write_name, write_organisms
from alignscape.descriptions.template import describe, describe_each, description_row, states_nothing
from alignscape.proteins.facts import Entity, ProteinFacts
from alignscape.proteins.parsing.parse import parse_structure

TRYPSIN = Entity(1, "polypeptide", ["A", "B"], ["A", "B"], "TRYPSIN", "BOS TAURUS", 9913, "M" * 223, ["3.4.21.4"])
INHIBITOR = Entity(2, "polypeptide", ["C"], ["I"], "Trypsin inhibitor", "", None, "M" * 29)
DNA = Entity(3, "nucleic acid", ["D"], ["D"], "DNA (5'-D(*GP*C)-3')", "synthetic construct", 32630, "GC")
DROPPABLE = ("id", "length", "chains", "organism", "name")


def facts(*entities: Entity) -> ProteinFacts:
    return ProteinFacts("1TST", "", "", "", list(entities), 1, 1, 1, 5, "")


def test_the_papers_template_for_one_entity():
    """Word for word the template of the paper (paper-notes X1), with the name in decent case."""
    assert describe(facts(TRYPSIN)) == (
        "The protein structure 1TST has a sequence length of 223 amino acids. Here is more information: The protein "
        "structure 1TST involves the following chains: A and B. The protein is named trypsin and is derived from the "
        "organism Bos taurus."
    )


def test_several_entities_are_described_in_turn():
    """Each entity has its sentence; length counts amino acids of each polypeptide once; author's chain names are said."""
    assert describe(facts(TRYPSIN, INHIBITOR, DNA)) == (
        "The protein structure 1TST has a sequence length of 252 amino acids. Here is more information: The protein "
        "structure 1TST consists of 3 entities and involves the following chains: A, B, C [auth I] and D. "
        "Entity 1 (chains A and B) is named trypsin and is derived from the organism Bos taurus. "
        "Entity 2 (chain C [auth I]) is named Trypsin inhibitor and is derived from an organism that is not "
        "stated. Entity 3 (chain D), a nucleic acid, is named DNA (5'-D(*GP*C)-3') and is a synthetic construct."
    )


@pytest.mark.parametrize(
    ("changes", "ending"),
    [
        ({"organism": ""}, "is named trypsin and is derived from an organism that is not stated."),
        ({"organism": "UNIDENTIFIED"}, "is named trypsin and is derived from an organism that is not stated."),
        ({"name": ""}, "The protein has no stated name and is derived from the organism Bos taurus."),
        ({"organism": "STREPTOMYCES SP."}, "is derived from the organism Streptomyces sp."),
        ({"organism": "PHAGE T4, HOMO SAPIENS"}, "is derived from the organisms Phage T4 and Homo sapiens."),
        ({"organism": "SYNTHETIC CONSTRUCT"}, "is named trypsin and is a synthetic construct."),
        ({"chains_label": ["A"], "chains_author": ["A"]}, "following chain: A. The protein is named trypsin and is "
         "derived from the organism Bos taurus."),
        ({"sequence": "M"}, "is named trypsin and is derived from the organism Bos taurus."),
    ],
)  # fmt: skip
def test_missing_facts_and_single_ones_read_well(changes, ending):
    """A missing organism or name has a phrase, one chain and one amino acid are singular, no full stop is doubled."""
    text = describe(facts(replace(TRYPSIN, **changes)))
    assert text.endswith(ending)
    assert ".." not in text
    if "sequence" in changes:
        assert "length of 1 amino acid." in text


@pytest.mark.parametrize("drop", [kept for n in range(6) for kept in combinations(DROPPABLE, n)])
@pytest.mark.parametrize("entities", [(TRYPSIN,), (TRYPSIN, INHIBITOR, DNA)])
def test_what_is_dropped_is_gone_and_the_rest_stays(drop, entities):
    """For every subset of facts: those dropped do not occur, those kept do, and sentences stay whole."""
    text = describe(facts(*entities), drop=drop)
    signs = {
        "id": "1TST",
        "length": "252" if len(entities) > 1 else "223",
        "chains": "A and B" if len(entities) == 1 else "A, B, C",
        "organism": "Bos taurus",
        "name": "trypsin",
    }
    for fact, sign in signs.items():
        assert (sign in text) == (fact not in drop), (fact, text)
    assert text.endswith(".")
    assert text[0].isupper()
    assert "  " not in text
    assert " ." not in text
    assert ": Here" not in text


@pytest.mark.parametrize(
    ("shouted", "written"),
    [
        ("PROTEIN (NINE-HAEM CYTOCHROME C)", "nine-haem cytochrome c"),
        ("T4 LYSOZYME", "T4 lysozyme"),
        ("HIV-1 PROTEASE", "HIV-1 protease"),
        ("ATP-DEPENDENT DNA HELICASE II", "ATP-dependent DNA helicase II"),
        ("CASEIN KINASE II SUBUNIT ALPHA", "casein kinase II subunit alpha"),
        ("TRANSCRIPTION INITIATION FACTOR IIB,TRANSCRIPTION INITIATION FACTOR IIB", "transcription initiation factor IIB"),
        ("HLA CLASS I HISTOCOMPATIBILITY ANTIGEN, A-2 ALPHA CHAIN", "HLA class I histocompatibility antigen, A-2 alpha chain"),
        ("BRUTON'S TYROSINE KINASE", "Bruton's tyrosine kinase"),
        ("TYROSYL-TRNA SYNTHETASE", "tyrosyl-tRNA synthetase"),
        ("TOXIN RELE", "toxin RelE"),
        ("CU/ZN SUPEROXIDE DISMUTASE", "Cu/Zn superoxide dismutase"),
        ("FAB FRAGMENT (LIGHT CHAIN)", "Fab fragment (light chain)"),
        ("SCYTALONE DEHYDRATASE (E.C.4.2.1.94)", "scytalone dehydratase"),
        ("UNC18", "UNC18"),
        ("Aurora kinase A", "Aurora kinase A"),
        ("Avirulence protein,Avirulence protein", "Avirulence protein"),
        ("DNA (5'-D(*GP*CP*T P*AP*C)-3')", "DNA (5'-D(*GP*CP*TP*AP*C)-3')"),
    ],
)  # fmt: skip
def test_shouted_names(shouted, written):
    """Words are lowered; acronyms, numerals, codes, genes' names and what was not shouted stay."""
    assert write_name(shouted) == written
    assert write_name(written) == written


@pytest.mark.parametrize(
    ("shouted", "written"),
    [
        ("HOMO SAPIENS", ["Homo sapiens"]),
        ("HUMAN IMMUNODEFICIENCY VIRUS TYPE 1", ["Human immunodeficiency virus type 1"]),
        ("ENTEROBACTERIA PHAGE T4, HOMO SAPIENS", ["Enterobacteria phage T4", "Homo sapiens"]),
        ("SALMONELLA ENTERICA SUBSP. ENTERICA SEROVAR TYPHIMURIUM", ["Salmonella enterica subsp. enterica serovar Typhimurium"]),
        ("PSEUDOMONAS SYRINGAE PV. TOMATO STR. DC3000", ["Pseudomonas syringae pv. tomato str. DC3000"]),
        ("SYNECHOCYSTIS SP. PCC 6803", ["Synechocystis sp. PCC 6803"]),
        ("PYROCOCCUS HORIKOSHII (STRAIN ATCC 700860 / DSM 12428)", ["Pyrococcus horikoshii (strain ATCC 700860 / DSM 12428)"]),
        ("Toxoplasma gondii (strain ATCC 50853 / GT1)", ["Toxoplasma gondii (strain ATCC 50853 / GT1)"]),
        ("", []),
    ],
)  # fmt: skip
def test_shouted_organisms(shouted, written):
    """Genus with a capital, species without, strains as they are."""
    assert write_organisms(shouted) == written


def test_demo_descriptions_do_not_shout(demo):
    """No word of six capitals or more is left in any description of the embedded set but in nucleotide notation."""
    for path in sorted((demo / "structures").iterdir())[::4]:
        _, protein = parse_structure(path, id=path.name[:4].upper())
        words = [word.strip("(),.") for word in describe(protein).split() if "*" not in word]
        assert not [word for word in words if word.isalpha() and word.isupper() and len(word) >= 6], protein.id


def test_a_line_keeps_its_facts():
    """A description's line has the text, its writer and the facts it was made from."""
    row = description_row(facts(TRYPSIN, DNA), "Text.")
    assert (row["id"], row["text"], row["describer"]) == ("1TST", "Text.", "template")
    assert ProteinFacts.from_json(row["facts"]) == facts(TRYPSIN, DNA)


def test_what_cannot_be_described_is_a_line_and_costs_no_other():
    """Facts that the template fails on, whatever the reason, cost their own protein."""
    good = facts(Entity(1, "polypeptide", ["A"], ["A"], "LYSIN", "", None, "MK"))
    broken = replace(facts(Entity(1, "polypeptide", ["A"], [], "LYSIN", "", None, "MK")), id="BAD")
    described, texts, omissions = describe_each([broken, good])
    assert described == [good]
    assert texts == [describe(good)]
    assert [(omission.id, omission.stage) for omission in omissions] == [("BAD", "describe")]
    assert "ValueError" in omissions[0].reason


@pytest.mark.parametrize("name", ["", "Trypsin", "null"])
@pytest.mark.parametrize("organism", ["", "unidentified", "Bos taurus", "synthetic construct"])
def test_a_bare_description_is_one_from_which_nothing_can_be_taken(name, organism):
    """`states_nothing` is true just where the text is that of a file without name and organism."""
    entity = replace(INHIBITOR, name=name, organism=organism)
    nothing = describe(facts(replace(entity, name="", organism="")))
    assert states_nothing([(name, organism)]) == (describe(facts(entity)) == nothing)
    assert not states_nothing([(name, organism), (TRYPSIN.name, "")])
