"""GAT by torch-geometric gives what ours gives, with the same weights, in both directions."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from alignscape.encoders.structure import registry
from alignscape.encoders.structure.gat.block import Gat
from alignscape.encoders.structure.interface import StructureEncoder
from alignscape.errors import UserError
from alignscape.plan.digest import import_closure
from alignscape.proteins.parsing.parse import parse_structure
from tests.helpers.made_structures import made_structure

DEMO = Path(__file__).parents[3] / "data/demo/structures"
SMALL = ("1crn", "1ajj", "1a8o", "2kc9")  # one from NMR, one with selenomethionine


def block(backend: str, weights: str = "random") -> Gat:
    return Gat(encoder="gat", name="gat", weights=weights, backend=backend)


@pytest.fixture(params=["random", "cora"])
def both(request: pytest.FixtureRequest) -> list[StructureEncoder]:
    """Ours and torch-geometric's with the same weights, none of them zero."""
    pytest.importorskip("torch_geometric")
    torch.manual_seed(0)
    ours, theirs = (registry.build_encoder(block(backend, request.param)) for backend in ("native", "pyg"))
    state = {name: value + 0.1 * torch.randn(value.shape) for name, value in ours.state_dict().items()}
    for encoder in (ours, theirs):
        encoder.load_state_dict(state)
    return [ours, theirs]


def test_real_proteins_have_the_same_embeddings(both: list[StructureEncoder]) -> None:
    structures = [parse_structure(DEMO / f"{name}.pdb.gz", id=name)[0] for name in SMALL]
    ours, theirs = (encoder.embed(structures) for encoder in both)
    torch.testing.assert_close(theirs, ours, rtol=1e-5, atol=1e-5 * float(ours.abs().max()))


def test_the_constant_of_the_attention_goes_in(both: list[StructureEncoder]) -> None:
    """It bends at zero, so another constant is another embedding, and the same one in both."""
    for encoder in both:
        for name, parameter in encoder.named_parameters():
            if name.endswith("constant"):
                parameter.data = torch.linspace(-2, 2, 8)
    before = made_structure(30)
    ours, theirs = (encoder.embed([before]) for encoder in both)
    torch.testing.assert_close(theirs, ours, rtol=1e-5, atol=1e-5 * float(ours.abs().max()))
    for encoder in both:
        for name, parameter in encoder.named_parameters():
            if name.endswith("constant"):
                parameter.data.zero_()
    assert (both[1].embed([before]) - theirs).abs().max() > 1e-3 * theirs.abs().max()


def test_every_weight_has_the_same_gradient(both: list[StructureEncoder]) -> None:
    gradients = []
    for encoder in both:
        batch = encoder.collate([encoder.featurise(made_structure(20))])
        encoder.readout(encoder(batch), batch).square().sum().backward()
        gradients.append({name: parameter.grad for name, parameter in encoder.named_parameters()})
    assert gradients[0].keys() == gradients[1].keys()
    for name, ours in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], ours, rtol=1e-4, atol=1e-4 * float(ours.abs().max()), msg=name)


@pytest.mark.parametrize("weights", ["random", "cora"])
def test_the_same_seed_draws_the_same_weights(weights: str) -> None:
    pytest.importorskip("torch_geometric")
    states = []
    for backend in ("native", "pyg"):
        torch.manual_seed(3)
        states.append(registry.build_encoder(block(backend, weights)).state_dict())
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_without_torch_geometric_it_is_one_line_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("torch_geometric", "torch_geometric.nn"):
        monkeypatch.setitem(sys.modules, module, None)  # Python's own way to say that it cannot be imported
    with pytest.raises(UserError, match=r"^backend `pyg` of GAT needs torch-geometric.*requirements-pyg\.lock.*$"):
        registry.build_encoder(block("pyg"))
    registry.build_encoder(block("native"))


def test_the_native_digest_does_not_know_the_other_backend() -> None:
    ours, theirs = (import_closure(registry.implementation(block(backend))) for backend in ("native", "pyg"))
    assert theirs - ours == {"alignscape.encoders.structure.gat.pyg"}
    assert ours <= theirs


def test_the_doctor_says_that_torch_geometric_is_missing(tmp_path: Path) -> None:
    (tmp_path / "structures").mkdir()
    (tmp_path / "structures/1abc.pdb").write_text("END\n")
    config = {
        "results_dir": str(tmp_path / "results"),
        "cache_dir": str(tmp_path / "cache"),
        "proteins": {"source": "directory", "directory": str(tmp_path / "structures")},
        "structure_encoders": [block("pyg").model_dump(mode="json", include={"encoder", "name", "weights", "backend"})],
        "language_models": [{"name": "words", "encoder": "tfidf"}],
    }
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(config))
    program = "import sys; sys.modules['torch_geometric'] = None; from alignscape.cli import main; main()"
    command = [sys.executable, "-c", program, "doctor", "--config", str(tmp_path / "study.yaml")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "failure  weights of gat: the package torch-geometric is not installed; run " in done.stdout
