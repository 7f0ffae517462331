"""Files as programs write them: simulation, refinement, docking, prediction and design, each from an embedded entry."""

from collections.abc import Callable

import numpy as np
import pytest

from alignscape.errors import ProteinRejected
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.structure import AMINO_ACIDS
from tests.helpers.written_files import atom_lines, chain_sizes, columns, each, residues, same_atoms

UBIQUITIN = atom_lines("1ubq")
ALPHA, BETA = atom_lines("4hhb", "A"), atom_lines("4hhb", "B")


def left_aligned(line: str) -> str:
    return columns(columns(line, 13, line[12:16].strip().ljust(4)), 73, " " * 8)


def without_element(line: str) -> str:
    return columns(line, 73, " " * 8)


def nameless(line: str) -> str:
    return columns(line, 22, " ")


def segment(name: str) -> Callable[[str], str]:
    return lambda line: columns(nameless(line), 73, name)


def renamed(names: dict[str, str]) -> Callable[[str], str]:
    """Residues renamed; a name of four letters runs into column 21, as it does in files of GROMOS and Amber."""
    return lambda line: columns(line, 18, names.get(line[17:20], line[17:20]).ljust(4))


def numbered_from(lines: list[str], first: int) -> list[str]:
    start = int(lines[0][22:26])
    return each(lines, lambda line: columns(line, 23, f"{int(line[22:26]) - start + first:4d}"))


@pytest.mark.parametrize("change", [left_aligned, without_element], ids=["VMD", "no element"])
@pytest.mark.parametrize("lines", [UBIQUITIN, [*ALPHA, "TER", *BETA, "TER"]], ids=["ubiquitin", "hemoglobin"])
def test_elements_follow_from_names_not_from_columns(write, lines, change):
    """Names in any column and no element give the atoms and elements of the archive's file."""
    changed = [change(line) if line.startswith("ATOM") else line for line in lines]
    own, _ = parse_structure(write(lines), id="X")
    assert same_atoms(parse_structure(write(changed, "y.pdb"), id="X")[0], own)


@pytest.mark.parametrize("hydrogen", ["HA", "HB1", "HG", "HE", "HT1", "HD11", "1HB", "HN", "D", "DA", "HG2", "HO"])
def test_hydrogens_are_no_metals(write, hydrogen):
    """HG, HE, HO and the like are hydrogens in an amino acid, also left-aligned and without an element."""
    extra = each([UBIQUITIN[1]], lambda line: columns(left_aligned(line), 13, hydrogen.ljust(4)))
    own, _ = parse_structure(write(UBIQUITIN), id="X")
    other, facts = parse_structure(write([*UBIQUITIN[:2], *extra, *UBIQUITIN[2:]], "y.pdb"), id="X")
    assert same_atoms(own, other)
    assert facts.lost == []


PROTONATED = [
    ("HIS", name) for name in ("HSD", "HSE", "HSP", "HID", "HIE", "HIP", "HISA", "HISB", "HISH", "HIS1", "HISE")
] + [
    ("CYS", "CYX"), ("CYS", "CYM"), ("CYS", "CYS2"), ("CYS", "CYSH"), ("ASP", "ASH"), ("ASP", "ASPH"), ("ASP", "ASPP"),
    ("GLU", "GLH"), ("GLU", "GLUP"), ("LYS", "LYN"), ("LYS", "LYSH"), ("LYS", "LSN"), ("ARG", "ARGN"), ("TYR", "TYM"),
    ("MET", "NMET"), ("GLY", "CGLY"), ("HIS", "NHIE"), ("CYS", "CCYX"),
]  # fmt: skip


@pytest.mark.parametrize(("parent", "name"), PROTONATED)
def test_protonated_and_terminal_names_are_their_parents(write, parent, name):
    """A force field's name is its parent's type, in structure and in sequence, and four letters are no chain."""
    lines = each(UBIQUITIN, lambda line: columns(line, 18, parent) if line[22:26] == "  10" else line)
    changed = each(lines, lambda line: renamed({parent: name})(line) if line[22:26] == "  10" else line)
    structure, facts = parse_structure(write([*changed, "TER"]), id="X")
    own, own_facts = parse_structure(write([*lines, "TER"], "y.pdb"), id="X")
    assert structure.residue_name[9] == name
    assert same_atoms(structure, own)
    assert facts.polypeptides[0].sequence == own_facts.polypeptides[0].sequence == own.sequence
    assert structure.chain_author.tolist() == ["A"]


def test_a_chain_of_two_letters_is_not_a_residue_of_four(write):
    """Chain HA holds other residues than lysines, so its H belongs to the chain."""
    lines = each(UBIQUITIN, lambda line: columns(line, 21, "HA"))
    structure, _ = parse_structure(write([*lines, "TER"]), id="X")
    assert structure.chain_author.tolist() == ["HA"]
    assert structure.n_residues == 76


def test_the_archives_homoserine_stays_a_serine(write):
    """HSE is CHARMM's histidine, but what MODRES says of it goes first."""
    lines = each(UBIQUITIN, lambda line: columns(line, 18, "HSE") if line[22:26] == "  10" else line)
    structure, _ = parse_structure(write(["MODRES 1ABC HSE A   10  SER  L-HOMOSERINE", *lines]), id="X")
    assert AMINO_ACIDS[structure.residue_type[9]] == "S"


@pytest.mark.parametrize("names", [("OT1", "OT2"), ("O1", "O2"), ("OC1", "OC2"), ("O'", "O''"), ("O", "OT")])
def test_terminal_oxygens_and_isoleucines_have_the_archives_names(write, names):
    """The last residue keeps its backbone under CHARMM's, GROMACS's and X-PLOR's names, and CD is CD1."""
    ends = {" O  ": f" {names[0]:<3}", " OXT": f" {names[1]:<3}"}
    change = lambda line: columns(line, 13, ends.get(line[12:16], line[12:16])) if line[22:26] == "  76" else line  # noqa: E731
    lines = [change(columns(li, 13, " CD ") if li[12:20] == " CD1 ILE" else li) for li in UBIQUITIN]
    own, _ = parse_structure(write(UBIQUITIN), id="X")
    structure, facts = parse_structure(write(lines, "y.pdb"), id="X")
    assert same_atoms(structure, own)
    assert facts.n_backbone == 76


# --- chains -----------------------------------------------------------------------------------------------

TWO_CHAINS = {
    "one TER, numbers go on": [*ALPHA, "TER", *numbered_from(BETA, 142)],
    "TER after both": [*ALPHA, "TER", *numbered_from(BETA, 142), "TER"],
    "TER, numbers begin again": [*ALPHA, "TER", *BETA],
    "no TER, numbers begin again": [*ALPHA, *BETA],
    "no TER, numbers go on, a terminal oxygen": [*ALPHA, *numbered_from(BETA, 142)],
}


@pytest.mark.parametrize("lines", TWO_CHAINS.values(), ids=TWO_CHAINS.keys())
def test_nameless_chains_are_parted(write, lines):
    """Without chain names, any other sign of an end parts chains that are not bonded."""
    lines = [nameless(line) if line.startswith("ATOM") else line for line in lines]
    structure, facts = parse_structure(write(lines), id="X")
    assert chain_sizes(structure) == [141, 146]
    assert structure.chain_author.tolist() == ["A", "B"]
    assert sorted(len(e.sequence) for e in facts.polypeptides) == [141, 146]


def test_segments_part_chains(write):
    """CHARMM tells chains apart in columns 73-76; psfgen calls both by the segments' first letter."""
    for name in (" ", "P"):
        lines = [*each(ALPHA, segment("PROA")), *each(numbered_from(BETA, 142), segment("PROB"))]
        structure, _ = parse_structure(write(each(lines, lambda line, name=name: columns(line, 22, name))), id="X")
        assert chain_sizes(structure) == [141, 146], name


@pytest.mark.parametrize("chain", ["A", " "])
@pytest.mark.parametrize("at", [1, 40, 75])
def test_a_ter_within_a_chain_ends_nothing(write, chain, at):
    """Residues on both sides of a TER are one chain where they are bonded, whatever the file calls it."""
    lines = each(UBIQUITIN, lambda line: columns(line, 22, chain))
    first = [line for line in lines if int(line[22:26]) <= at]
    structure, facts = parse_structure(write([*first, "TER", *lines[len(first) :], "TER"]), id="X")
    assert chain_sizes(structure) == [76]
    assert facts.lost == []


@pytest.mark.parametrize("chain", ["A", " "])
def test_a_ter_at_a_gap_ends_nothing(write, chain):
    """Amber writes TER where residues are missing; the numbers say that it is a gap."""
    lines = each(UBIQUITIN, lambda line: columns(line, 22, chain))
    first = [line for line in lines if int(line[22:26]) <= 30]
    rest = [line for line in lines if int(line[22:26]) > 36]
    structure, _ = parse_structure(write([*first, "TER", *rest, "TER"]), id="X")
    assert chain_sizes(structure) == [70]


def test_numbers_that_begin_again_within_a_chain_end_nothing(write):
    """A fusion or a numbering scheme starts anew where the residues are bonded: one chain."""
    lines = UBIQUITIN[:300] + numbered_from(UBIQUITIN[300:], 1)
    structure, _ = parse_structure(write(each(lines, nameless)), id="X")
    assert chain_sizes(structure) == [len(set(line[22:26] for line in lines[:300])) + len(residues(lines[300:]))]


def test_a_chains_name_used_again_is_another_chain(write):
    """After Z comes A again: numbers that begin again and a TER part them, and the second has a name of its own."""
    again = each(BETA, lambda line: columns(line, 22, "A"))
    structure, facts = parse_structure(write([*ALPHA, "TER", *again, "TER"]), id="X")
    assert chain_sizes(structure) == [141, 146]
    assert structure.chain_author.tolist() == ["A", "B"]
    assert facts.n_chains == 2


def test_residues_in_reverse_order_are_one_chain(write):
    """Nameless residues that stand in the wrong order are bonded all the same."""
    groups: dict[str, list[str]] = {}
    for line in each(UBIQUITIN, nameless):
        groups.setdefault(line[22:26], []).append(line)
    structure, _ = parse_structure(write([line for group in reversed(groups.values()) for line in group]), id="X")
    assert chain_sizes(structure) == [76]


def test_an_ensemble_without_model_records_is_one_model(write):
    """Copies of a chain at its place are other models of it, although nothing but TER parts them; they are counted."""
    shaken = each(UBIQUITIN, lambda line: columns(line, 31, f"{float(line[30:38]) + 0.7:8.3f}"))
    structure, facts = parse_structure(write([*UBIQUITIN, "TER", *shaken, "TER", "END"]), id="X")
    assert structure.n_residues == 76
    assert [(lost.count, lost.what) for lost in facts.lost] == [(76, "residue")]


def test_doubled_records_count_once(write):
    """A chain, or a record, that stands in the file twice is there once, and the rest is counted."""
    own, _ = parse_structure(write(UBIQUITIN), id="X")
    for lines in ([*UBIQUITIN, *UBIQUITIN], [line for line in UBIQUITIN for _ in range(2)]):
        structure, facts = parse_structure(write(lines, "y.pdb"), id="X")
        assert same_atoms(structure, own)
        assert [(lost.count, lost.what) for lost in facts.lost] == [(len(UBIQUITIN), "atom")]


# --- coordinates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field", [" " * 24, "     nan" * 3, "*" * 24, "9999.000" * 3, "9999.999" * 3, "     inf" * 3, "  27.340" + " " * 16]
)
def test_what_is_no_number_of_its_own_is_missing(write, field):
    """One atom without a place costs itself, and is counted."""
    lines = [*UBIQUITIN[:7], columns(UBIQUITIN[7], 31, field), *UBIQUITIN[8:]]
    structure, facts = parse_structure(write(lines), id="X")
    assert (structure.n_residues, structure.n_atoms) == (76, len(UBIQUITIN) - 1)
    assert [str(lost) for lost in facts.lost] == ["1 atom: no coordinates"]


@pytest.mark.parametrize("place", [(0.0, 0.0, 0.0), (999.999, 999.999, 999.999), (9999.0, 9999.0, 9999.0)])
def test_many_atoms_at_one_point_have_no_place(write, place):
    """What a program does not know it writes as one point; residues of which nothing is left are no residues."""
    unknown = "".join(f"{value:8.3f}" for value in place)
    lines = each(UBIQUITIN, lambda line: columns(line, 31, unknown) if 61 <= int(line[22:26]) < 77 else line)
    structure, facts = parse_structure(write(lines), id="X")
    assert structure.n_residues == facts.n_residues == 60
    assert facts.length == 76
    assert {lost.what: lost.count for lost in facts.lost} == {"atom": structure_size(UBIQUITIN, 61), "residue": 16}


def structure_size(lines: list[str], first: int) -> int:
    return sum(int(line[22:26]) >= first for line in lines)


def test_one_atom_at_the_origin_is_there(write):
    """The origin is a place."""
    lines = [columns(UBIQUITIN[0], 31, "   0.000" * 3), *UBIQUITIN[1:]]
    structure, facts = parse_structure(write(lines), id="X")
    assert structure.n_atoms == len(UBIQUITIN)
    assert facts.lost == []


def test_a_record_moved_to_the_right_by_its_serial_is_read(write):
    """Atom 100,000 and residue 10,000 push the rest of their records by a column."""
    own, _ = parse_structure(write(UBIQUITIN), id="X")
    serial = each(UBIQUITIN, lambda line: f"{line[:6]}100000{line[11:]}"[:80])
    number = each(UBIQUITIN, lambda line: f"{line[:22]}{int(line[22:26]) + 10000}{line[26:]}"[:80])
    assert same_atoms(parse_structure(write(serial, "y.pdb"), id="X")[0], own)
    moved, _ = parse_structure(write(number, "z.pdb"), id="X")
    assert same_atoms(moved, own)
    assert moved.residue_number.tolist() == [n + 10000 for n in own.residue_number.tolist()]


@pytest.mark.parametrize("shift", [-3, -2, -1, 1, 2, 3])
def test_a_moved_record_is_never_read_wrongly(write, shift):
    """A record in other columns is lost and counted, or read with its own numbers."""
    line = UBIQUITIN[20]
    moved = line[:11] + (line[11 - shift :] if shift < 0 else " " * shift + line[11:])
    structure, facts = parse_structure(write([*UBIQUITIN[:20], moved[:80], *UBIQUITIN[21:]]), id="X")
    own, _ = parse_structure(write(UBIQUITIN, "y.pdb"), id="X")
    places = {tuple(place) for place in own.atom_xyz.tolist()}
    assert {tuple(place) for place in structure.atom_xyz.tolist()} <= places
    assert structure.n_atoms + sum(lost.count for lost in facts.lost if lost.what == "atom") >= len(UBIQUITIN)


def test_residues_without_numbers(write):
    """A file in which no residue has a number keeps its residues; one record without it among others is lost, and counted."""
    own, _ = parse_structure(write(UBIQUITIN), id="X")
    none, _ = parse_structure(write(each(UBIQUITIN, lambda line: columns(line, 23, "****")), "y.pdb"), id="X")
    assert same_atoms(none, own)
    one, facts = parse_structure(write([columns(UBIQUITIN[0], 23, "!  1"), *UBIQUITIN[1:]], "z.pdb"), id="X")
    assert (one.n_residues, one.n_atoms) == (76, len(UBIQUITIN) - 1)
    assert [str(lost) for lost in facts.lost] == ["1 atom: the record has no residue number"]


def test_what_follows_the_atoms_is_no_record(write):
    """Rosetta's table of energies, with its atom_pair_constraint, and the NULs of an unfilled block are no atoms."""
    table = [
        "END",
        "#BEGIN_POSE_ENERGIES_TABLE x.pdb",
        "label fa_atr total",
        "atom_pair_constraint 1 0.000 0.5",
        "\0" * 900,
    ]
    structure, facts = parse_structure(write([*UBIQUITIN, "TER", *table]), id="X")
    assert structure.n_residues == 76
    assert facts.lost == []


def test_a_cut_file_keeps_what_is_whole(write):
    """A file that ends within a number has all atoms but that one."""
    text = "\n".join(UBIQUITIN)
    structure, facts = parse_structure(write(text[: -(80 - 52)]), id="X")
    assert structure.n_atoms == len(UBIQUITIN) - 1
    assert [str(lost) for lost in facts.lost] == ["1 atom: no coordinates"]


def test_no_coordinates_at_all_is_a_reason(write):
    """A file of which no coordinate is a number is rejected with its first record."""
    commas = each(UBIQUITIN, lambda line: line[:30] + line[30:54].replace(".", ",") + line[54:])
    with pytest.raises(ProteinRejected, match="no coordinates in columns 31-54 of 'ATOM      1  N   MET A"):
        parse_structure(write(commas), id="X")


# --- models, header, identity -----------------------------------------------------------------------------

ION = columns(columns(columns(UBIQUITIN[0], 1, "HETATM"), 13, "ZN   ZN"), 77, "ZN")
BEGINS, ENDS = "MODEL        1", "ENDMDL"


@pytest.mark.parametrize(
    "lines",
    [
        [BEGINS, *UBIQUITIN, "TER", "MODEL        2", *UBIQUITIN[:80], "TER", "END"],
        [*UBIQUITIN, ENDS, *UBIQUITIN[:80], ENDS, "END"],
        [*UBIQUITIN, "END", *UBIQUITIN[:80], "END"],
        ["MODEL 2", ION, ENDS, "MODEL 1", *UBIQUITIN, ENDS],
        ["PFRMAT TS", "TARGET T1024", "MODEL  1", "PARENT N/A", *UBIQUITIN, "TER", "END"],
        [line.lower() if line == ENDS else line.replace("ATOM  ", "atom  ") for line in [*UBIQUITIN, ENDS, *ALPHA]],
    ],
    ids=["no ENDMDL", "ENDMDL only", "END only", "an ion's model first", "CASP", "lower case"],
)
def test_the_first_model_with_a_polypeptide(write, lines):
    """With or without the records that should stand around models, it is the first that holds a protein."""
    own, _ = parse_structure(write(UBIQUITIN), id="X")
    assert same_atoms(parse_structure(write(lines, "y.pdb"), id="X")[0], own)


@pytest.mark.parametrize("interleaved", [False, True])
def test_one_identity_a_position_everywhere(write, interleaved):
    """Two residues at one position are one in structure, sequence and length."""
    at = [line for line in UBIQUITIN if line[22:26] == "  20"]
    first, second = (
        each(at, lambda line: columns(columns(line, 17, "A"), 57, "0.60")),
        [columns(columns(columns(line, 17, "B"), 18, "ALA"), 57, "0.40") for line in at[:5]],
    )
    both = (
        [line for pair in zip(first, second, strict=False) for line in pair] + first[5:]
        if interleaved
        else first + second
    )
    start = UBIQUITIN.index(at[0])
    structure, facts = parse_structure(write([*UBIQUITIN[:start], *both, *UBIQUITIN[start + len(at) :]]), id="X")
    own, _ = parse_structure(write(UBIQUITIN, "y.pdb"), id="X")
    assert same_atoms(structure, own)
    assert facts.length == 76
    assert facts.polypeptides[0].sequence == own.sequence


def seqres(names: list[str], chain: str) -> list[str]:
    rows = [names[i : i + 13] for i in range(0, len(names), 13)]
    return [f"SEQRES {i:3d} {chain}{len(names):5d}  {' '.join(row)}" for i, row in enumerate(rows, start=1)]


NAMES = [name for _, _, name in residues(UBIQUITIN)]


@pytest.mark.parametrize(("in_seqres", "in_atoms"), [(" ", "A"), ("A", " "), ("Q", " "), (" ", " ")])
def test_a_nameless_seqres_belongs_to_the_chain_it_fits(write, in_seqres, in_atoms):
    """No chain is there twice because one record names it and the other does not."""
    lines = seqres(["GLY", "SER", *NAMES], in_seqres) + each(UBIQUITIN, lambda line: columns(line, 22, in_atoms))
    structure, facts = parse_structure(write(lines), id="X")
    assert facts.n_chains == len(facts.entities) == 1
    assert facts.length == 78
    assert structure.chain_author.tolist() == facts.polypeptides[0].chains_author
    assert structure.residue_position.tolist() == list(range(3, 79))


def test_a_seqres_of_another_protein_is_not_believed(write):
    """Where the atoms disagree, they are the sequence."""
    wrong = [name for _, _, name in residues(ALPHA)]
    for names in (wrong, NAMES[:13]):
        structure, facts = parse_structure(write([*seqres(names, "A"), *UBIQUITIN]), id="X")
        assert facts.polypeptides[0].sequence == structure.sequence
        assert not structure.residue_position.any()


def test_a_mutated_residue_does_not_unmake_a_seqres(write):
    """One other residue in a hundred is a mutation, not another protein."""
    names = [*NAMES[:40], "TRP", *NAMES[41:]]
    structure, facts = parse_structure(write([*seqres(names, "A"), *UBIQUITIN]), id="X")
    assert facts.polypeptides[0].sequence[40] == "W"
    assert structure.residue_position.tolist() == list(range(1, 77))


def test_free_amino_acids_and_bonded_ones(write):
    """After the chain's end a free amino acid is a ligand; a modified one bonded to the chain is its last residue."""
    free = each(UBIQUITIN[:8], lambda line: columns(columns(line, 1, "HETATM"), 23, " 301"))
    away = each(free, lambda line: columns(line, 31, f"{float(line[30:38]) + 50:8.3f}"))
    last = each(
        UBIQUITIN, lambda line: columns(columns(line, 1, "HETATM"), 18, "MSE") if line[22:26] == "  76" else line
    )
    cut = len(UBIQUITIN) - sum(line[22:26] == "  76" for line in UBIQUITIN)
    assert parse_structure(write([*UBIQUITIN, "TER", *away]), id="X")[0].n_residues == 76
    bonded, _ = parse_structure(write([*last[:cut], "TER", *last[cut:], *away], "y.pdb"), id="X")
    assert bonded.residue_name.tolist()[-1] == "MSE"
    assert bonded.n_residues == 76
    np.testing.assert_array_equal(bonded.residue_chain, 0)
