"""What a GPU computes is what a processor computes: rows of every encoder, in float32 and near it in TF32, LoRA's gradient,
heads and their scores.

Skipped where there is no GPU. `make test-gpu` runs these alone.
"""

import copy

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoModelForCausalLM

from alignscape.alignment.heads import HeadShape
from alignscape.alignment.split import Run
from alignscape.alignment.step_graph import CudaRecorder, RecordedSteps, steps_of
from alignscape.alignment.tiles import scores_of
from alignscape.alignment.train import Job, _Stack, train_heads
from alignscape.compute.device import products_in
from alignscape.config.encoders import MatmulPrecision, StructureEncoderBlock
from alignscape.config.study import Alignment, Variant
from alignscape.encoders.structure.embed import embed_structures
from alignscape.encoders.structure.gearnet.line_graph import line_graph
from alignscape.encoders.structure.weights import initialise
from alignscape.encoders.text.answer_loss import summed_loss
from alignscape.encoders.text.backbone import Backbone
from alignscape.encoders.text.causal_lm.model import embed_layers
from alignscape.encoders.text.dialogue import IGNORED, Example
from alignscape.storage.embeddings import TextWeights
from tests.alignment.test_tiles import made as made_rows
from tests.encoders.structure.test_fake_cuda_structure import BLOCKS
from tests.encoders.structure.test_gearnet_line_graph import MADE, in_torch
from tests.helpers.made_structures import made_structure
from tests.helpers.tiny_models import tiny_config

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU is seen here")


def cosines(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n,) of the rows of two encodings."""
    norms = np.linalg.norm(a.astype(np.float64), axis=1) * np.linalg.norm(b.astype(np.float64), axis=1)
    return (a.astype(np.float64) * b).sum(axis=1) / norms


@pytest.mark.parametrize(("precision", "lowest"), [("float32", 1 - 1e-6), ("tf32", 1 - 1e-3)])
@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_structures_have_the_rows_of_a_processor(
    block: StructureEncoderBlock, precision: MatmulPrecision, lowest: float
) -> None:
    made = [made_structure(n, seed=n, id=f"P{n}") for n in (30, 700, 110)]
    rows = []
    for device in ("cpu", "cuda"):
        with products_in(precision):
            ids, found, omissions = embed_structures(
                initialise(block, 1), made, residue_budget=None, device=device, name="m"
            )
        assert (ids, omissions) == (["P30", "P700", "P110"], [])
        rows.append(found)
    assert cosines(*rows).min() > lowest


@pytest.mark.parametrize("kind", MADE)
def test_gearnets_angles_are_in_the_eighths_of_a_processor(kind: str) -> None:
    """All of them, also those at the border between two."""
    xyz, pairs = MADE[kind]()
    for found, expected in zip(in_torch(xyz, pairs, "cuda"), line_graph(xyz, pairs), strict=True):
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("architecture", ["llama", "gemma2", "gemma3"])
def test_texts_have_the_rows_of_a_processor(architecture: str) -> None:
    torch.manual_seed(0)
    whole = AutoModel.from_config(tiny_config(architecture, 500), dtype=torch.float32).eval()
    rows = []
    for device in ("cpu", "cuda"):
        model = copy.deepcopy(whole).to(device)
        backbone = Backbone(
            "m", model, lambda texts: [[5 + len(t)] * len(t) for t in texts], TextWeights("none", None, ""), "float32"
        )
        with products_in("float32"):
            rows.append(embed_layers(backbone, ["a", "b", "c"], ["x" * 30, "xy", "x" * 9])[1][:, 0])
    assert cosines(*rows).min() > 1 - 1e-6


def test_the_loss_of_counted_places_and_its_gradient_are_those_of_a_processor() -> None:
    torch.manual_seed(0)
    whole = AutoModelForCausalLM.from_config(tiny_config("llama", 500), dtype=torch.float32)
    examples = [Example([5 + i] * (9 + i), [IGNORED] * 4 + [11] * (5 + i)) for i in range(4)]
    found = []
    for device in ("cpu", "cuda"):
        model = copy.deepcopy(whole).to(device)
        loss = summed_loss(model, examples)
        loss.backward()
        found.append(torch.cat([loss.detach().cpu()[None], *(w.grad.cpu().flatten() for w in model.parameters())]))
    assert torch.linalg.norm(found[0] - found[1]) < 1e-4 * torch.linalg.norm(found[0])


@pytest.mark.parametrize("variant", [Variant(), Variant(layers=3, loss="symmetric", temperature="learned")])
def test_heads_trained_by_a_recorded_step_are_those_of_the_step(variant: Variant) -> None:
    """The CUDA graph was recorded, which a line would deny, and trains to the same weights."""
    x, y = (rows.to("cuda") for rows in torch.randn(2, 400, 32, generator=torch.Generator().manual_seed(0)))
    run = Run(*np.split(np.arange(400), [300, 350]))
    jobs = [Job(run, x, y, (7, seed)) for seed in range(3)]
    found = []
    for choice in ("auto", "never"):
        config = Alignment(epochs=5, cuda_graphs=choice)
        (stack,) = train_heads(jobs, HeadShape.of(32, 32, layers=variant.layers), config=config, variant=variant)
        found.append(stack)
    for a, b in zip(*(stack.heads.tensors for stack in found), strict=True):
        assert torch.allclose(a, b, atol=1e-6)
    assert isinstance(steps_of(lambda *_: x, x.device, "auto"), RecordedSteps)


def test_a_step_of_heads_can_be_recorded() -> None:
    x = torch.randn(64, 16, device="cuda")
    run = Run(*np.split(np.arange(64), [32, 48]))
    stack = _Stack([Job(run, x, x, (7, 0))], HeadShape.of(16, 16), Alignment(), Variant())
    batch = stack._batches([run.train])[0]
    recorder = CudaRecorder()
    with recorder.aside():
        for _ in range(3):
            stack._step(*batch)
    replay, losses = recorder.record(lambda: stack._step(*batch))
    found = []
    for _ in range(20):
        replay()
        found.append(float(losses))
    assert found[-1] < found[0]


@pytest.mark.parametrize("kind", ["unlike", "alike", "twins", "one point"])
def test_ranks_by_float32_products_are_those_of_a_processor(kind: str) -> None:
    rows = made_rows(kind)
    exact = scores_of(*rows, ranked=True)
    found = scores_of(*(part.to("cuda") for part in rows), ranked=True, products=torch.float32)
    for name, values in exact.by_protein.items():
        allowed = 0 if name.startswith(("rank", "ties")) else 1e-6
        assert np.abs(found.by_protein[name] - values).max() <= allowed
