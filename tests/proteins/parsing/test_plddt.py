"""Residues of low pLDDT are left out of predicted models, and of nothing else."""

import gzip
import re

import numpy as np
import pytest

from alignscape.config.load import parse
from alignscape.config.proteins import Proteins
from alignscape.errors import ProteinRejected
from alignscape.plan.plan import Plan
from alignscape.plan.snapshot import Inputs
from alignscape.proteins.facts import LeftOut
from alignscape.proteins.parse_shard import parse_located
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.parsing.plddt import NO_MASK, PlddtMask
from alignscape.proteins.sources.source import Located
from tests.helpers.alphafold_server import model_cif
from tests.helpers.written_files import atom_lines, columns, same_atoms

TITLE = "TITLE     ALPHAFOLD MONOMER V2.0 PREDICTION FOR UBIQUITIN (P0CG48)"
SOLVED = "TITLE     STRUCTURE OF X BY MOLECULAR REPLACEMENT WITH AN ALPHAFOLD PREDICTION"
LOW = (3, 4, 17, 30)  # residues of ubiquitin
MASK = PlddtMask(below=70)


def plddt(number: int) -> float:
    return 69.99 if number in LOW else 70.0


def pdb(*header: str, value=plddt, width: int = 2) -> str:
    lines = [columns(line, 61, f"{value(int(line[22:26])):6.{width}f}") for line in atom_lines("1ubq", "A")]
    return "\n".join([*header, *lines, "END", ""])


def parsed(write, text: str, mask: PlddtMask = NO_MASK, name: str = "model.pdb"):
    return parse_structure(write(text, name), id="X", mask=mask)


@pytest.mark.parametrize("kind", ["mmcif", "pdb", "fractions"])
def test_residues_below_are_left_out_and_counted(write, kind):
    """As ModelCIF states pLDDT, as a title of a PDB file names the predictor, and as fractions; what stays is untouched."""
    if kind == "mmcif":
        text, name = model_cif("P69905", plddt=plddt).decode(), "model.cif"
    elif kind == "pdb":
        text, name = pdb(TITLE), "model.pdb"
    else:
        text, name = pdb(TITLE.replace("ALPHAFOLD", "ESMFOLD"), value=lambda n: 0.69 if n in LOW else 0.7), "model.pdb"
    whole, before = parsed(write, text, name=name)
    structure, facts = parsed(write, text, MASK, name)
    expected = whole.select(~np.isin(whole.residue_number, LOW))
    assert same_atoms(structure, expected)
    assert structure.residue_number.tolist() == expected.residue_number.tolist()
    assert structure.residue_position.tolist() == expected.residue_position.tolist()
    assert facts.lost == [*before.lost, LeftOut(len(LOW), "residue", "pLDDT below 70")]
    assert facts.length == before.length  # the sequence is the protein's, as it is with residues not seen
    assert facts.n_residues == whole.n_residues - len(LOW)
    assert whole.residue_plddt.tolist() == [
        pytest.approx(69.0 if kind == "fractions" else 69.99) if number in LOW else 70
        for number in whole.residue_number
    ]
    assert set(structure.residue_plddt.tolist()) == {70}


@pytest.mark.parametrize(
    "header",
    [
        ["EXPDTA    X-RAY DIFFRACTION"],
        [SOLVED, "EXPDTA    X-RAY DIFFRACTION"],
        [SOLVED, "REMARK   3 REFINEMENT."],
        ["REMARK   2 RESOLUTION. 1.75 ANGSTROMS."],
        ["EXPDTA    SOLUTION NMR"],
    ],
)
def test_b_factors_of_an_experiment_are_never_masked(write, header):
    """Whatever the config says: a low B factor there is the best-ordered residue."""
    for stated in ("auto", "yes"):
        structure, facts = parsed(write, pdb(*header), PlddtMask(70, stated))
        assert (structure.n_residues, facts.lost, facts.b_factors) == (76, [], "experiment")
        assert np.isnan(structure.residue_plddt).all()


def test_an_embedded_crystal_structure_is_not_masked(demo):
    """Real files of the archive: nearly all B factors there are below 70."""
    for code in ("1ubq", "4hhb"):
        path = demo / "structures" / f"{code}.pdb.gz"
        assert gzip.decompress(path.read_bytes()).count(b"EXPDTA") >= 1
        whole, _ = parse_structure(path, id=code)
        masked, facts = parse_structure(path, id=code, mask=PlddtMask(70, "yes"))
        assert same_atoms(whole, masked)
        assert facts.b_factors == "experiment"


def test_where_a_file_says_nothing_the_config_decides(write):
    """By itself nothing is masked, and a line a folder says so; with `plddt: yes` residues are."""
    paths = {name: write(pdb(), f"{name}.pdb") for name in ("A", "B")}
    located = {id_: Located(path, None, "") for id_, path in paths.items()}
    results, (line,) = parse_located(located, mask=MASK)
    assert [structure.n_residues for structure, _ in results] == [76, 76]
    assert "`plddt: yes` if they are pLDDT" in line.reason
    assert line.id == f"{paths['A'].parent.name}/"
    results, lines = parse_located(located, mask=PlddtMask(70, "yes"))
    assert ([structure.n_residues for structure, _ in results], lines) == ([72, 72], [])
    results, lines = parse_located(located, mask=PlddtMask(70, "no"))
    assert ([structure.n_residues for structure, _ in results], lines) == ([76, 76], [])


@pytest.mark.parametrize(("stated", "known"), [("auto", 0), ("no", 0), ("yes", 76)])
def test_without_a_mask_the_config_says_what_a_residue_s_plddt_is_known_from(write, stated, known):
    """Encoders may ask for it; what cannot be pLDDT is none, and costs nothing where nobody asked for a mask."""
    for text, expected in ((pdb(), known), (pdb(value=lambda number: 50.0 + number), 0)):
        structure, facts = parsed(write, text, PlddtMask(None, stated))
        assert (structure.n_residues, facts.lost) == (76, [])
        assert np.isfinite(structure.residue_plddt).sum() == expected


def test_what_cannot_be_masked_is_one_line(write):
    """No residue left, and B factors that are no pLDDT though the config says so."""
    with pytest.raises(ProteinRejected, match=re.escape("no residue has a pLDDT of 70 or more")):
        parsed(write, pdb(TITLE, value=lambda number: 30.0), MASK)
    with pytest.raises(ProteinRejected, match="`plddt: yes`, but the B factors are no pLDDT"):
        parsed(write, pdb(value=lambda number: 50.0 + number), PlddtMask(70, "yes"))


def test_a_residue_has_the_mean_of_its_atoms(write):
    """AlphaFold 3 gives every atom its own; an independent count over the records."""
    generator = np.random.default_rng(0)
    lines = [columns(line, 61, f"{generator.uniform(40, 100):6.2f}") for line in atom_lines("1ubq", "A")]
    by_residue: dict[int, list[float]] = {}
    for line in lines:
        by_residue.setdefault(int(line[22:26]), []).append(float(line[60:66]))
    sure = [number for number, values in by_residue.items() if sum(values) / len(values) >= 70]
    structure, _ = parsed(write, "\n".join([TITLE, *lines, "END", ""]), MASK)
    assert structure.residue_number.tolist() == sure
    assert 10 < len(sure) < 66


def test_the_keys_of_the_config():
    """YAML's yes and no are words here; what says which residues have a pLDDT, and which of them go, makes a study anew."""
    assert PlddtMask.of(Proteins()) == NO_MASK
    assert PlddtMask.of(Proteins(plddt=True)) == PlddtMask(None, "yes")
    assert PlddtMask.of(Proteins(plddt_below=70, plddt=True)) == PlddtMask(70, "yes")
    assert PlddtMask.of(Proteins(plddt_below=50, plddt=False)) == PlddtMask(50, "no")

    def digest(**proteins: object) -> str:
        encoders = {
            "structure_encoders": [{"name": "a", "encoder": "composition"}],
            "language_models": [{"name": "b", "encoder": "tfidf"}],
        }
        return Plan(parse({"proteins": proteins} | encoders), Inputs({"X": ""}, [])).parser_digest

    assert digest() == digest(plddt="auto")
    below = [digest(plddt_below=70), digest(plddt_below=50), digest(plddt_below=70, plddt="no")]
    assert len({digest(), digest(plddt="yes"), digest(plddt="no"), *below}) == 6
