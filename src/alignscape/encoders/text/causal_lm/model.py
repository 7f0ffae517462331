"""Embeddings of texts by any causal language model: the hidden state of the last token (paper, LLMs)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ....errors import UserError
from ....storage.embeddings import TextWeights
from ....storage.ledger import Omission
from ..backbone import Backbone, load_backbone
from ..batches import fill_batches, pad_right, read_halving, read_late, token_budget_of
from ..finite_rows import require_finite
from ..progress import text_progress
from .block import CausalLm

Rows = NDArray[np.float32]
Pooling = Literal["last", "mean"]


def embed_texts(
    config: CausalLm,
    ids: Sequence[str],
    texts: Sequence[str],
    *,
    cache_dir: Path,
    device: str = "cpu",
    adapter: Path | None = None,
    reference: Sequence[str] = (),
) -> tuple[list[str], Rows, list[Omission], TextWeights]:
    """Embed one text per protein with the configured model, from base + adapter if one is given.

    `reference` is there because every text encoder is called alike; it changes nothing. Returns the ids that have a row, in
    the order given; their rows (n, d) float32; an omission for each other id; and what the weights are. Raises UserError for a model that cannot be had or held, or a layer it does not have.
    """
    backbone = load_backbone(config, cache_dir=cache_dir, device=device, adapter=adapter)
    found, rows, omissions = embed_layers(
        backbone, ids, texts, layers=[config.layer], pooling=config.pooling, token_budget=config.token_budget
    )
    return found, rows[:, 0], omissions, backbone.weights


def embed_layers(
    backbone: Backbone,
    ids: Sequence[str],
    texts: Sequence[str],
    *,
    layers: Sequence[int] = (-1,),
    pooling: Pooling = "last",
    token_budget: int | None = None,
) -> tuple[list[str], Rows, list[Omission]]:
    """Rows (n, len(layers), d) of several hidden states from one pass, with their ids and the omissions.

    Hidden state 0 is the token embedding and -1 the last, after the final norm. A text without tokens, or with more
    than the model takes, is an omission. The result does not depend on the batches but for rounding. Raises UserError,
    one line that names the number type, for rows that are not finite.
    """
    chosen = [_checked_layer(layer, backbone) for layer in layers]
    tokens = backbone.encode(texts)
    reasons = {i: reason for i, row in enumerate(tokens) if (reason := _cannot_take(row, backbone.max_tokens))}
    kept = [i for i in range(len(tokens)) if i not in reasons]
    rows = np.empty((len(tokens), len(chosen), backbone.model.config.get_text_config().hidden_size), dtype=np.float32)
    token_budget = token_budget or token_budget_of(backbone.device.type, rows.shape[-1])
    batches = fill_batches([len(tokens[i]) for i in kept], token_budget=token_budget)

    def read(batch: list[list[int]]) -> Any:
        return _forward(backbone, batch, chosen, pooling)

    with text_progress(len(kept), backbone.name) as progress, read_late(rows) as put:
        for batch in batches:
            indices = [kept[i] for i in batch]
            put(indices, read_halving(read, [tokens[i] for i in indices], name=backbone.name))
            progress.update(len(indices))
    require_finite(rows[kept], [ids[i] for i in kept], name=backbone.name, dtype=backbone.dtype)
    omissions = [Omission(ids[i], "embed", backbone.name, reasons[i]) for i in sorted(reasons)]
    return [ids[i] for i in kept], rows[kept], omissions


def _checked_layer(layer: int, backbone: Backbone) -> int:
    """The hidden state's number counted from 0. Raises UserError for one the model does not have."""
    n = backbone.n_layers
    if not -n - 1 <= layer <= n:
        raise UserError(f"model {backbone.name!r}: layer {layer} does not exist; it has 0 to {n} (or -1 for the last)")
    return layer % (n + 1)


def _cannot_take(tokens: list[int], longest: int | None) -> str | None:
    if not tokens:
        return "its text has no tokens"
    if longest is not None and len(tokens) > longest:
        return f"its text has {len(tokens)} tokens, the model takes {longest}"
    return None


def _forward(backbone: Backbone, tokens: list[list[int]], layers: list[int], pooling: Pooling) -> Any:
    """(b, len(layers), d) tensor on the device, of one pass over a right-padded batch.

    No padding mask is passed: with causal attention no token sees what comes after it, so padding on the right cannot
    reach a real token, no row of attention is ever fully masked (the source of NaN in padded batches), and SDPA keeps
    its fast causal path.
    """
    import torch

    input_ids = pad_right(tokens).to(backbone.device)  # (b, longest)
    lengths = torch.tensor([len(row) for row in tokens])
    last_only = layers == [backbone.n_layers]
    with torch.inference_mode():
        output = backbone.model(input_ids=input_ids, use_cache=False, output_hidden_states=not last_only)
        states = [output.last_hidden_state] if last_only else [output.hidden_states[layer] for layer in layers]
        rows = [_pool(state, lengths, pooling) for state in states]
        return torch.stack([row.to(rows[-1].device) for row in rows], dim=1)


def _pool(states: Any, lengths: Any, pooling: Pooling) -> Any:
    """(b, d) float32 tensor from states (b, longest, d): the last real token's, or the mean over real tokens."""
    import torch

    lengths = lengths.to(states.device)
    if pooling == "last":
        rows = states[torch.arange(len(lengths), device=states.device), lengths - 1]
    else:
        real = torch.arange(states.shape[1], device=states.device) < lengths[:, None]  # (b, longest)
        rows = states.float().masked_fill(~real[..., None], 0).sum(dim=1) / lengths[:, None]
    return rows.float()
