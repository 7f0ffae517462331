"""A language model's batch on fake CUDA tensors: nothing is left on the processor, few kernels and few waits."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import torch
from transformers import AutoModel

from alignscape.encoders.text.backbone import Backbone
from alignscape.encoders.text.bidirectional import load_encoder
from alignscape.encoders.text.causal_lm.model import embed_layers
from alignscape.encoders.text.sentence.block import Sentence
from alignscape.encoders.text.sentence.model import _embed, chosen_layers
from alignscape.storage.embeddings import TextWeights
from tests.helpers.fake_cuda import fake_cuda, on_fake_cuda
from tests.helpers.tiny_models import tiny_config
from tests.helpers.tiny_text_encoders import save_tiny_encoder

# Kernels of a batch through three layers, some above what is counted now.
MOST = {"llama": 170, "gemma2": 315, "gemma3": 350}
MOST_BOTH_WAYS = {"bert": 75, "modernbert": 165, "t5": 150}


@pytest.fixture
def attention() -> Iterator[list[str]]:
    """How attention was told to keep to the past; torch itself chooses its code by the GPU, which is not there."""
    told: list[str] = []

    def attend(query: Any, key: Any, value: Any, attn_mask: Any = None, is_causal: bool = False, **_: Any) -> Any:
        told.append("mask" if attn_mask is not None else "causal" if is_causal else "nothing")
        assert query.device == key.device == value.device
        return torch.empty_like(query)

    with mock.patch.object(torch.nn.functional, "scaled_dot_product_attention", attend):
        yield told


@pytest.mark.parametrize("architecture", MOST)
def test_fake_cuda_batches_of_texts(architecture: str, attention: list[str]) -> None:
    """Eight batches are asked for without a wait for the GPU; their rows are read at the very end."""
    whole = AutoModel.from_config(tiny_config(architecture, 500), dtype=torch.bfloat16).eval()
    texts = ["text"] * 8
    with fake_cuda(truth=True) as calls, torch.no_grad():
        model = on_fake_cuda(whole)
        backbone = Backbone(
            "m", model, lambda texts: [[5] * 7 for _ in texts], TextWeights("none", None, ""), "bfloat16"
        )
        forward = model.forward

        def watched(**options: Any) -> Any:
            assert calls.waits.total() == 0
            return forward(**options)

        model.forward = watched
        ids, rows, omissions = embed_layers(backbone, texts, texts, token_budget=7)
    assert (len(ids), rows.shape, omissions) == (8, (8, 1, 32), [])
    assert calls.kernels.total() / 8 <= MOST[architecture], calls.kernels.most_common()
    assert dict(calls.waits) == {"copy to the processor": 8}
    if architecture != "gemma2":  # which is eager
        assert set(attention) <= {"causal", "mask"}


@pytest.mark.parametrize("architecture", MOST_BOTH_WAYS)
def test_fake_cuda_batches_of_a_sentence_encoder(architecture: str, tmp_path: Path, attention: list[str]) -> None:
    """The same of models whose tokens see both ways: their rows are read at the very end."""
    folder = save_tiny_encoder(architecture, tmp_path / architecture)
    config = Sentence(name="m", encoder="sentence", model=str(folder), token_budget=16, pooling="mean")
    whole, layers = load_encoder(config, folder, device="cpu"), chosen_layers(config, folder)
    with fake_cuda(truth=True) as calls, torch.no_grad():
        model = on_fake_cuda(whole)
        forward = model.forward

        def watched(**options: Any) -> Any:
            assert calls.waits.total() == 0
            return forward(**options)

        model.forward = watched
        rows = _embed(config, model, layers, [[5] * 16] * 8)
    assert rows.shape == (8, 32)
    assert calls.kernels.total() / 8 <= MOST_BOTH_WAYS[architecture], calls.kernels.most_common()
    assert dict(calls.waits) == {"copy to the processor": 8}
