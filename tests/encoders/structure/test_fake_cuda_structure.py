"""Every structure encoder on fake CUDA tensors: no tensor is left on the processor, few kernels and few waits a batch."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import torch

from alignscape.encoders.structure.gearnet import line_graph
from alignscape.encoders.structure.interface import Batch, StructureEncoder
from alignscape.encoders.structure.protein_lm.block import ProteinLm
from alignscape.encoders.structure.registry import build_encoder
from tests.helpers.every_encoder import structure_blocks
from tests.helpers.fake_cuda import Calls, fake_cuda, on_fake_cuda
from tests.helpers.made_structures import made_structure
from tests.helpers.tiny_protein_models import save_tiny

# Of one batch, whatever its size: kernels, some above what is counted now, waits, the last of which reads the rows, and
# copies to the GPU beside the batch's own.
MOST = {
    "composition": (10, 2, 0),
    "gat": (115, 3, 0),
    "gearnet": (230, 7, 1),
    "gvp": (390, 4, 0),
    "proteinmpnn": (140, 2, 0),
    "scannet": (150, 2, 0),
}
# Of a protein language model of three layers, whose windows of four proteins are three passes.
MOST_OF_MODELS = {"esm": (500, 2, 6), "bert": (215, 2, 6), "t5": (430, 2, 6)}
BLOCKS = {
    block.encoder: block
    for block in reversed(structure_blocks())  # the first of an encoder stays
    if block.encoder in MOST and block.weights in ("random", "none") and getattr(block, "backend", "native") == "native"
}


@pytest.fixture
def attention() -> Iterator[None]:
    """Attention by shape alone: torch chooses its code by the GPU, which is not there."""

    def attend(query: Any, key: Any, value: Any, **_: Any) -> Any:
        assert query.device == key.device == value.device
        return torch.empty_like(query)

    with mock.patch.object(torch.nn.functional, "scaled_dot_product_attention", attend):
        yield


def one_batch(name: str) -> tuple[Calls, Batch]:
    """What a batch of three proteins asks of the GPU that the encoder is on, and that batch."""
    encoder: StructureEncoder = build_encoder(BLOCKS[name]).eval()
    with fake_cuda():
        encoder = on_fake_cuda(encoder)
    batch = encoder.collate([encoder.featurise(made_structure(n, seed=n)) for n in (1200, 60, 25)])
    with fake_cuda() as calls, torch.no_grad():
        on_gpu, encoder = on_fake_cuda(batch), on_fake_cuda(encoder)
        rows = encoder.readout(encoder(on_gpu), on_gpu).float().cpu().numpy()
    assert rows.shape == (3, encoder.dimension)
    return calls, batch


@pytest.mark.parametrize("name", BLOCKS)
def test_fake_cuda_one_batch_of_an_encoder(name: str) -> None:
    calls, _ = one_batch(name)
    kernels, waits, copies = MOST[name]
    assert 0.8 * kernels <= calls.kernels.total() <= kernels, calls.kernels.most_common()
    assert calls.waits.total() <= waits, calls.waits
    assert calls.copies <= copies


def test_fake_cuda_gearnets_angles_are_made_on_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch has positions and no angles; the processor, where they are made otherwise, is asked for those at borders."""
    asked: list[int] = []
    reference = line_graph.angle_bin
    monkeypatch.setattr(line_graph, "angle_bin", lambda a, b: asked.append(len(a)) or reference(a, b))
    calls, batch = one_batch("gearnet")
    assert {"xyz", "pairs"} < set(batch)
    assert not {"line_graph", "line_graph_start"} & set(batch)
    assert calls.kernels["linalg_cross"] == calls.kernels["atan2"] == 1
    assert sum(asked) == 3  # which is as many as fake tensors say that there are
    assert batch["n_meetings"] > 50_000


@pytest.mark.parametrize("architecture", MOST_OF_MODELS)
def test_fake_cuda_windows_of_a_protein_language_model(architecture: str, tmp_path: Path, attention: None) -> None:
    """Every pass is asked for without a wait for the GPU but that of the readout, which counts residues."""
    folder = save_tiny(architecture, tmp_path / architecture)
    block = ProteinLm(name="lm", encoder="protein_lm", model=str(folder), token_budget=512)
    encoder = build_encoder(block).eval()
    batch = encoder.collate([encoder.featurise(made_structure(n, seed=n)) for n in (600, 300, 60, 25)])
    with fake_cuda(truth=True) as calls, torch.no_grad():
        on_gpu, encoder = on_fake_cuda(batch), on_fake_cuda(encoder)
        rows = encoder.readout(encoder(on_gpu), on_gpu).float().cpu().numpy()
    assert rows.shape == (4, encoder.dimension)
    kernels, waits, copies = MOST_OF_MODELS[architecture]
    assert 0.8 * kernels <= calls.kernels.total() <= kernels, calls.kernels.most_common()
    assert calls.waits.total() <= waits, calls.waits
    assert calls.copies <= copies
