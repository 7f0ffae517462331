"""Rows of texts by any encoder, with the sidecar that says what made them.

The one place where they are made: the workflow's script calls it, and so do the commands that put a new text beside a
study's own, which only means something if both are made alike.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...compute.device import products_in
from ...config.encoders import TextEncoderBlock
from ...storage.embeddings import EmbeddingMeta
from .number_type import in_number_type
from .registry import embedder

Rows = NDArray[np.float32]


def text_rows(
    block: TextEncoderBlock,
    ids: Sequence[str],
    texts: Sequence[str],
    *,
    seed: int,
    cache_dir: Path,
    adapter: Path | None,
    reference: Sequence[str],
    device: str,
) -> tuple[Rows, EmbeddingMeta]:
    """Rows (n, d) of the texts that the block's model takes, and the sidecar with their ids and what was lost.

    adapter: the folder of a LoRA adapter, for a fine-tuned model. reference: the texts over which a baseline counts how
    common words are; other models do without. Raises UserError for a model that cannot be had.
    """
    embed, block = embedder(block), in_number_type(block, device=device)
    with products_in(getattr(block, "matmul_precision", "float32")):
        found, rows, omissions, weights = embed(
            block, ids, texts, cache_dir=cache_dir, device=device, adapter=adapter, reference=reference
        )
    return rows, EmbeddingMeta(
        ids=found,
        encoder=block.name,
        weights_state=weights.state,
        weights_sha256=weights.sha256,
        weights_source=weights.source,
        dimension=rows.shape[1],
        dtype=getattr(block, "dtype", "float32"),
        seed=seed,
        omissions=omissions,
    )
