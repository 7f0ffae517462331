"""As `causal_lm`, with transformers given all texts at once, padded on the right, with the mask that it asks for."""

from collections.abc import Callable
from pathlib import Path

import torch

from . import causal_lm
from .causal_lm import AMOUNT, LIMIT, ours

__all__ = ["AMOUNT", "LIMIT", "ours", "theirs"]


def theirs(cache: Path) -> Callable[[], torch.Tensor]:
    """All in one batch."""
    tokenizer, model, texts = causal_lm._transformers(cache)
    tokenizer.padding_side = "right"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token

    @torch.inference_mode()
    def run() -> torch.Tensor:
        made = tokenizer(texts, return_tensors="pt", padding=True)
        last = made["attention_mask"].sum(dim=1) - 1
        return model(**made).last_hidden_state[torch.arange(len(texts)), last]

    return run
