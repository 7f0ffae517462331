"""Embeddings of texts by encoder models: hidden states pooled as the model's own files say, attention masks throughout."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ....errors import UserError
from ....storage.embeddings import TextWeights
from ....storage.ledger import Omission
from ..backbone import describe_weights, model_folder
from ..batches import fill_batches, read_halving, read_late, token_budget_of
from ..bidirectional import load_encoder, most_tokens, padded_states
from ..finite_rows import require_finite
from ..foreign_code import load_tokenizer
from ..progress import text_progress
from .block import Sentence
from .layers import Layers, read_layers

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Rows = NDArray[np.float32]


def embed_texts(
    config: Sentence,
    ids: Sequence[str],
    texts: Sequence[str],
    *,
    cache_dir: Path,
    device: str = "cpu",
    adapter: Path | None = None,
    reference: Sequence[str] = (),
) -> tuple[list[str], Rows, list[Omission], TextWeights]:
    """Embed one text per protein. `adapter` and `reference` are there because every text encoder is called alike.

    Returns the ids that have a row, in the order given; their rows (n, d) float32; an omission for each other id; and what the
    weights are. Raises UserError for a model that cannot be had or held, and for rows that are not finite.
    """
    folder = model_folder(config, cache_dir=cache_dir)
    layers = chosen_layers(config, folder)
    tokenizer, model = load_tokenizer(folder), load_encoder(config, folder, device=device)
    limits = [most for most in (layers.most_tokens, most_tokens(model)) if most]
    tokens, reasons = read_tokens(
        tokenizer,
        [layers.prompt + text if text.strip() else "" for text in texts],
        most=min(limits, default=None),
        cut=config.long_texts == "cut",
    )
    kept = [i for i in range(len(texts)) if i not in reasons]
    rows = _embed(config, model, layers, [tokens[i] for i in kept])
    _require_dimension(config, rows)
    require_finite(rows, [ids[i] for i in kept], name=config.name, dtype=config.dtype)
    omissions = [Omission(ids[i], "embed", config.name, reasons[i]) for i in sorted(reasons)]
    known = describe_weights(config, folder, cache_dir=cache_dir, adapter=None)
    return [ids[i] for i in kept], rows, omissions, replace(known, source=f"{known.source}; {layers.in_words()}")


def chosen_layers(config: Sentence, folder: Path) -> Layers:
    """What the model's files say, but for what the config says otherwise. Raises UserError for what is not known here."""
    layers = read_layers(folder, pooling=None if config.pooling == "own" else config.pooling)
    return layers if config.prompt is None else replace(layers, prompt=config.prompt)


def read_tokens(
    tokenizer: "PreTrainedTokenizerBase", texts: Sequence[str], *, most: int | None, cut: bool
) -> tuple[list[list[int]], dict[int, str]]:
    """Tokens of each text, special ones included, and by its place why a text has none that the model could take."""
    import logging

    logging.getLogger("transformers.tokenization_utils_base").setLevel(
        logging.ERROR
    )  # of long texts, which are seen to here
    tokens = [list(row) for row in tokenizer(list(texts))["input_ids"]] if texts else []
    reasons = {}
    for i, row in enumerate(tokens):
        if not texts[i]:
            reasons[i] = "its text is empty"
        elif most is not None and len(row) > most and cut:
            tokens[i] = list(tokenizer(texts[i], truncation=True, max_length=most)["input_ids"])
        elif most is not None and len(row) > most:
            reasons[i] = (
                f"its text has {len(row)} tokens, the model takes {most} (`long_texts: cut` reads the first {most})"
            )
    return tokens, reasons


def _embed(config: Sentence, model: "PreTrainedModel", layers: Layers, tokens: list[list[int]]) -> Rows:
    """(n, d) rows of texts, in batches of like length; the result does not depend on them but for rounding."""
    last = model.config.get_text_config().num_hidden_layers

    def read(batch: list[list[int]]) -> "Tensor":
        return _pool(padded_states(model, batch, layer=last), [len(row) for row in batch], layers.pooling)

    kind = model.get_input_embeddings().weight.device.type
    pooled = np.empty((len(tokens), model.config.get_text_config().hidden_size), dtype=np.float32)
    budget = config.token_budget or token_budget_of(kind, pooled.shape[1])
    with text_progress(len(tokens), config.name) as progress, read_late(pooled) as put:
        for batch in fill_batches([len(row) for row in tokens], token_budget=budget):
            put(batch, read_halving(read, [tokens[i] for i in batch], name=config.name))
            progress.update(len(batch))
    return layers.after_pooling(pooled).astype(np.float32)


def _pool(states: "Tensor", lengths: list[int], pooling: str) -> "Tensor":
    """(b, d) float32 from hidden states (b, longest, d): of the first token, the last, or the mean over all, special ones too."""
    import torch

    n = torch.tensor(lengths, device=states.device)
    if pooling == "cls":
        rows = states[:, 0]
    elif pooling == "last":
        rows = states[torch.arange(len(n), device=states.device), n - 1]
    else:
        real = torch.arange(states.shape[1], device=states.device) < n[:, None]  # (b, longest)
        rows = states.float().masked_fill(~real[..., None], 0).sum(dim=1) / n[:, None]
    return rows.float()


def _require_dimension(config: Sentence, rows: Rows) -> None:
    if config.dimension is not None and config.dimension != rows.shape[1]:
        raise UserError(
            f"{config.name}: dimension: its rows have {rows.shape[1]} numbers, the config says {config.dimension}; "
            "correct `dimension`, or the model"
        )
