"""Files of other programs and archives beside the repository: what a structural biologist would say each holds."""

from pathlib import Path

import numpy as np
import pytest

from alignscape.errors import ProteinRejected
from alignscape.proteins.facts import ProteinFacts
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.structure import UNKNOWN, Structure

# Residues of each chain, heavy atoms, residues of unknown type.
REAL = {
    "1cbs-stripped.cif": ([137], 1091, 0),
    "1cbs-stripped-2.cif": ([137], 1091, 0),
    "1grm_updated.cif": ([16, 16], 272, 2),
    "4G6K_fv.pdb": ([227], 1756, 0),
    "4lzt.les.pdb": ([129], 1001, 0),
    "6qwn-assembly1.cif.gz": ([335, 47], 2988, 0),
    "ERR550519_2213899_unrelaxed_model_1.cif": ([130], 1069, 0),
    "ERR550519_2213899_unrelaxed_model_1.pdb": ([130], 1069, 0),
    "adk_open.pdb": ([214], 1656, 0),
    "altloc.cif": ([1], 7, 0),
    "binder__0.pdb": ([65, 440], 2020, 0),
    "boltz2_olanzapine_P28335.cif": ([325], 2601, 0),
    "cterm_hid.pdb": ([14], 115, 0),
    "d1asha_": ([147], 1240, 0),
    "design_ppi_0_dldesign_0.pdb": ([72, 150], 1845, 0),
    "glucagon.pdb": ([29], 246, 0),
    "ligand_as_ncaa.cif": ([1], 29, 1),
    "pdb_00011a7y-extended_PDB_CCD_codes-model.cif": ([10, 10, 10], 204, 6),
}
UBIQUITIN, HEMOGLOBIN = [76], [141, 146]
BUILT = {
    "vmd_left_aligned": UBIQUITIN, "charmm_right_aligned": UBIQUITIN, "no_element": UBIQUITIN, "ter_mid_once": UBIQUITIN,
    "ter_mid_and_end": UBIQUITIN, "amber_names": UBIQUITIN, "charmm_hsd": UBIQUITIN, "gromos_names": UBIQUITIN,
    "blank_coords": UBIQUITIN, "nan_one_atom": UBIQUITIN, "stars_one_atom": UBIQUITIN, "model_no_endmdl": UBIQUITIN,
    "microheterogeneity": UBIQUITIN, "microheterogeneity_interleaved": UBIQUITIN, "seqres_blank_chain": UBIQUITIN,
    "amber_two_chains_one_ter": HEMOGLOBIN, "amber_two_chains_renumbered": HEMOGLOBIN, "charmm_segid": HEMOGLOBIN,
    "zero_coords_missing": [60], "coords_9999": [70], "casp_multi": [39],
}  # fmt: skip


@pytest.fixture(scope="module")
def cases(shared: Path) -> Path:
    if not (shared / "cases").is_dir():
        pytest.skip("no cases beside the repository")
    return shared / "cases"


def read(path: Path) -> tuple[Structure, ProteinFacts]:
    structure, facts = parse_structure(path, id="X")
    sizes = np.bincount(structure.residue_chain).tolist()
    assert sum(sizes) == facts.n_residues
    assert (np.bincount(structure.atom_residue, minlength=structure.n_residues) > 0).all()
    assert set(structure.atom_element.tolist()) <= {6, 7, 8, 15, 16, 34}, "an element that no protein here has"
    return structure, facts


@pytest.mark.parametrize("name", sorted(REAL))
def test_files_of_other_programs(cases, name):
    """Chains, atoms and types of simulations, predictions, designs and archives."""
    sizes, n_atoms, n_unknown = REAL[name]
    structure, facts = read(cases / "real" / name)
    assert np.bincount(structure.residue_chain).tolist() == sizes
    assert structure.n_atoms == n_atoms
    assert int((structure.residue_type == UNKNOWN).sum()) == n_unknown
    assert facts.n_chains == len(sizes)


@pytest.mark.parametrize("name", sorted(BUILT))
def test_built_files(cases, name):
    """The peculiarities that were read wrongly; every residue has its parent's type, and the text knows the same chains."""
    structure, facts = read(cases / "pdb" / f"{name}.pdb")
    assert np.bincount(structure.residue_chain).tolist() == BUILT[name]
    assert not (structure.residue_type == UNKNOWN).any()
    assert facts.n_chains == len(BUILT[name])
    assert facts.length in (sum(BUILT[name]), 76)


def test_every_mmcif_of_hemoglobin(cases):
    """574 residues of four chains, whatever the columns, the names and the header; or one line that says what is missing."""
    refused = {}
    for path in sorted((cases / "cif").glob("*.cif")):
        try:
            structure, facts = read(path)
        except ProteinRejected as reason:
            refused[path.stem] = str(reason)
            continue
        expected = {"models_2_then_1": [141, 121], "sifts_two_models": [137]}.get(path.stem, [141, 146, 141, 146])
        missing = {"coords_nan_some": [7, 0, 0, 0], "coords_q_some": [7, 0, 0, 0]}.get(path.stem, [0] * len(expected))
        sizes = [size - less for size, less in zip(expected, missing, strict=True)]
        assert np.bincount(structure.residue_chain).tolist() == sizes, path.stem
        assert facts.n_residues == 574 - sum(missing) or path.stem in ("models_2_then_1", "sifts_two_models")
    assert sorted(refused) == ["global_first", "text_before_data", "truncated", "truncated_mid_row"]
    assert all("mmCIF" in reason for reason in refused.values())
