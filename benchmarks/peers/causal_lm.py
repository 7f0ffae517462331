"""Last hidden states of a causal language model: our batches, and transformers as one would call it, one text after the other."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from alignscape.encoders.text.backbone import load_backbone, model_folder
from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.causal_lm.model import embed_layers
from alignscape.encoders.text.foreign_code import load_tokenizer

from .demo import descriptions

AMOUNT = 4
BLOCK = CausalLm(name="smollm2", model="registry:smollm2-135m", dtype="float32")
# Its 30 layers have 106 million weights beside the embedding, which is looked up.
LIMIT = {"operations_a_token": 2 * 106_200_000}


def _transformers(cache: Path) -> tuple[Any, Any, list[str]]:
    from transformers import AutoModel

    folder = model_folder(BLOCK, cache_dir=cache)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32, trust_remote_code=False).eval()
    return load_tokenizer(folder), model, descriptions(AMOUNT)


def ours(cache: Path) -> Callable[[], Any]:
    """Texts of like length together, without padding masks."""
    backbone, texts = load_backbone(BLOCK, cache_dir=cache, device="cpu"), descriptions(AMOUNT)
    LIMIT["operations"] = LIMIT.pop("operations_a_token") * sum(map(len, backbone.encode(texts)))
    return lambda: embed_layers(backbone, [str(n) for n in range(AMOUNT)], texts)[1][:, 0]


def theirs(cache: Path) -> Callable[[], torch.Tensor]:
    """One by one."""
    tokenizer, model, texts = _transformers(cache)

    @torch.inference_mode()
    def run() -> torch.Tensor:
        states = [model(**tokenizer(text, return_tensors="pt")).last_hidden_state for text in texts]
        return torch.stack([state[0, -1] for state in states])

    return run
