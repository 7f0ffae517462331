"""pLDDT of another program's model, and B factors of the archive's entries, as files beside the repository state them."""

from pathlib import Path

import gemmi
import pytest

from alignscape.errors import ProteinRejected
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.parsing.plddt import PlddtMask


def test_a_models_own_metric_says_which_residues_stay(shared: Path) -> None:
    """Boltz-2 writes pLDDT as B factors and once more as `_ma_qa_metric_local`, one value per residue."""
    path = shared / "cases" / "real" / "boltz2_olanzapine_P28335.cif"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    rows = (
        gemmi.cif.read(str(path))
        .sole_block()
        .find("_ma_qa_metric_local.", ["label_asym_id", "label_seq_id", "metric_value"])
    )
    sure = [int(row[1]) for row in rows if row[0] == "A" and float(row[2]) >= 70]
    structure, facts = parse_structure(path, id="X", mask=PlddtMask(70))
    assert structure.residue_position.tolist() == sure
    assert [left.count for left in facts.lost if "pLDDT" in left.reason] == [325 - len(sure)]


def test_no_entry_of_the_archive_is_masked(shared: Path) -> None:
    """Of every age, with and without EXPDTA; also where the config says that the B factors are pLDDT."""
    files = sorted(path for path in (shared / "structures").rglob("*") if path.is_file())[::20]
    if not files:
        pytest.skip(f"{shared / 'structures'} holds no file")
    stated = {}
    for path in files:
        try:
            facts = parse_structure(path, id="X", mask=PlddtMask(100, "yes"))[1]
        except ProteinRejected:
            continue
        stated[path.name] = facts.b_factors
        assert all(left.reason != "pLDDT below 100" for left in facts.lost), path
    assert len(stated) > len(files) / 2
    assert set(stated.values()) == {"experiment"}, {name for name, value in stated.items() if value != "experiment"}
