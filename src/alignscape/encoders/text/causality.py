"""Whether a model is causal: whether a token's hidden state depends on what comes after it."""

from typing import TYPE_CHECKING

from ...errors import UserError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_LENGTH = 8


def require_causal(model: "PreTrainedModel", *, name: str) -> None:
    """Raises UserError, one line, for a model that sees both ways: by trial, on two rows that differ in their last token.

    Names tell too little: BERT has a causal form, and Gemma 3 one that is not (EmbeddingGemma).
    """
    import torch

    if getattr(model.config, "is_encoder_decoder", False):
        raise UserError(_refusal(name, f"{model.config.model_type} has an encoder and a decoder"))
    vocabulary = model.config.get_text_config().vocab_size
    row = torch.arange(vocabulary // 2, vocabulary // 2 + _LENGTH) % vocabulary
    rows = row.repeat(2, 1)
    rows[1, -1] = row[0]
    with torch.inference_mode():
        device = model.get_input_embeddings().weight.device
        states = model(input_ids=rows.to(device), use_cache=False).last_hidden_state[:, :-1].float()
    if float((states[0] - states[1]).abs().max()) > 1e-4 * float(states.abs().max()):
        raise UserError(_refusal(name, "a token's hidden state depends on what comes after it"))


def _refusal(name: str, why: str) -> str:
    return f"model {name!r} is not causal ({why}), so its last token has no special place; use `encoder: sentence`"
