"""The TorchDrug backend finds its Python, keeps our names of weights, and passes on what the other side says."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from alignscape.encoders.structure import registry
from alignscape.encoders.structure.gearnet.block import GearNet as GearNetConfig
from alignscape.encoders.structure.gearnet.model import GearNet
from alignscape.encoders.structure.gearnet.torchdrug import PYTHON_VARIABLE, TorchDrugGearNet, torchdrug_python
from alignscape.errors import ProteinRejected, UserError
from tests.helpers.made_structures import made_structure

ROOT = Path(__file__).parents[3]


@pytest.fixture
def without_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(PYTHON_VARIABLE, raising=False)


def test_the_backend_takes_the_weights_of_ours() -> None:
    theirs = registry.build_encoder(GearNetConfig(encoder="gearnet", name="g", hidden=[16, 16], backend="torchdrug"))
    assert isinstance(theirs, TorchDrugGearNet)
    theirs.load_state_dict(GearNet([16, 16]).state_dict())


@pytest.mark.usefixtures("without_environment")
def test_a_missing_environment_is_one_line_that_says_what_to_do() -> None:
    with pytest.raises(UserError, match=r"no Python at .*make compare-torchdrug"):
        torchdrug_python()


def test_the_other_sides_error_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PYTHON_VARIABLE, sys.executable)  # a Python without TorchDrug
    with pytest.raises(RuntimeError, match="TorchDrug: ModuleNotFoundError: No module named 'torchdrug'"):
        TorchDrugGearNet([8]).embed([made_structure(10)])


def test_it_cannot_be_trained_in_silence() -> None:
    encoder = TorchDrugGearNet([8]).train()
    with pytest.raises(UserError, match="train with `backend: native`"):
        encoder(encoder.collate([encoder.featurise(made_structure(10))]))


def test_what_is_sent_is_the_alpha_carbons_in_torchdrugs_order() -> None:
    structures = [made_structure(n, seed=n) for n in (9, 14)]
    encoder = TorchDrugGearNet([8])
    batch = encoder.collate([encoder.featurise(s) for s in structures])
    assert batch["sizes"].tolist() == [9, 14]
    np.testing.assert_array_equal(batch["xyz"], np.concatenate([s.ca for s in structures]))
    ours = GearNet([8])
    expected = torch.cat([ours.featurise(s)["residue_type"] for s in structures])
    np.testing.assert_array_equal(batch["types"], expected.numpy())
    with pytest.raises(ProteinRejected, match="GearNet needs 3"):
        encoder.featurise(made_structure(2))


def test_every_package_of_the_environment_is_pinned() -> None:
    pins = yaml.safe_load((ROOT / "envs/torchdrug.yaml").read_text())["dependencies"][-1]["pip"]
    assert pins == sorted(pins)
    assert all(pin.count("==") == 1 for pin in pins)


@pytest.mark.slow
def test_torchdrug_agrees_with_ours_where_it_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    try:
        torchdrug_python()
    except UserError as reason:
        pytest.skip(str(reason))
    torch.manual_seed(0)
    ours, theirs = GearNet([16, 16]), TorchDrugGearNet([16, 16])
    theirs.load_state_dict(ours.state_dict())
    structures = [made_structure(n, chains=2, seed=n) for n in (20, 45)]
    torch.testing.assert_close(theirs.embed(structures), ours.embed(structures), rtol=1e-5, atol=1e-4)
