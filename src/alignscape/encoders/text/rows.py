"""Rows of texts by any encoder, with the sidecar that says what made them.

The one place where they are made: the workflow's script calls it, and so do the commands that put a new text beside a
study's own, which only means something if both are made alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...compute.device import products_in
from ...config.encoders import TextEncoderBlock
from ...storage.embeddings import EmbeddingMeta
from ...storage.ledger import Omission
from .number_type import in_number_type
from .registry import embedder

Rows = NDArray[np.float32]


def texts_of(descriptions: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Ids and texts to embed of a study's descriptions; an id stands once for each of its `texts`, if there are several."""
    pairs = [(str(row["id"]), str(text)) for row in descriptions for text in row.get("texts", [row["text"]])]
    return [id_ for id_, _ in pairs], [text for _, text in pairs]


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

    An id that stands several times has the mean of the rows of its texts, without those that the model does not take.
    adapter: the folder of a LoRA adapter, for a fine-tuned model. reference: the texts over which a baseline counts how
    common words are; other models do without. Raises UserError for a model that cannot be had.
    """
    embed, block = embedder(block), in_number_type(block, device=device)
    with products_in(getattr(block, "matmul_precision", "float32")):
        found, rows, omissions, weights = embed(
            block, ids, texts, cache_dir=cache_dir, device=device, adapter=adapter, reference=reference
        )
    found, rows, omissions = _one_row_an_id(found, rows, omissions)
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


def _one_row_an_id(ids: list[str], rows: Rows, omissions: list[Omission]) -> tuple[list[str], Rows, list[Omission]]:
    """Ids once each, in their first order, with the means of their rows, and omissions of those without any."""
    different = list(dict.fromkeys(ids))
    lost = list({o.id: o for o in omissions if o.id not in set(different)}.values())
    if len(different) == len(ids):
        return ids, rows, lost
    place = {id_: row for row, id_ in enumerate(different)}
    group = [place[id_] for id_ in ids]
    total = np.zeros((len(different), rows.shape[1]))
    np.add.at(total, group, rows.astype(np.float64))
    return different, (total / np.bincount(group)[:, None]).astype(np.float32), lost
