"""What a GPU computes is what a processor computes: rows of every encoder, in float32 and near it in TF32, and LoRA's gradient.

Skipped where there is no GPU. `make test-gpu` runs these alone.
"""

import copy

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoModelForCausalLM

from alignscape.compute.device import products_in
from alignscape.config.encoders import MatmulPrecision, StructureEncoderBlock
from alignscape.encoders.structure.embed import embed_structures
from alignscape.encoders.structure.weights import initialise
from alignscape.encoders.text.answer_loss import summed_loss
from alignscape.encoders.text.backbone import Backbone
from alignscape.encoders.text.causal_lm.model import embed_layers
from alignscape.encoders.text.dialogue import IGNORED, Example
from alignscape.storage.embeddings import TextWeights
from tests.encoders.structure.test_fake_cuda_structure import BLOCKS
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
