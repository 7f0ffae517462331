"""Rows of structures by any encoder, with the sidecar that says what made them.

The one place where they are made: the workflow's script calls it, and so do the commands that put a new protein beside a
study's own, which only means something if both are made alike.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...compute.device import products_in
from ...config.encoders import StructureEncoderBlock
from ...proteins.structure import Structure
from ...storage.embeddings import EmbeddingMeta
from .embed import embed_structures
from .weights import initialise, load_weights

Rows = NDArray[np.float32]


def structure_rows(
    block: StructureEncoderBlock,
    structures: Sequence[Structure],
    *,
    seed: int,
    cache_dir: Path,
    trained: Path | None,
    device: str,
) -> tuple[Rows, EmbeddingMeta]:
    """Rows (n, d) of the structures that the block's encoder takes, and the sidecar with their ids and what was lost.

    trained: the file of weights trained here, for a block of `weights: trained`. Raises UserError for weights that
    cannot be had or do not fit.
    """
    encoder = initialise(block, seed)
    weights = load_weights(encoder, block, cache_dir=cache_dir, seed=seed, trained=trained)
    with products_in(block.matmul_precision):
        ids, rows, omissions = embed_structures(
            encoder, structures, residue_budget=block.residue_budget, device=device, name=block.name
        )
    return rows, EmbeddingMeta(
        ids=ids,
        encoder=block.name,
        weights_state=weights.state,
        weights_sha256=weights.sha256,
        weights_source=weights.source,
        dimension=encoder.dimension,
        dtype=encoder.number_type,
        seed=seed,
        omissions=omissions,
        notes=weights.card,
    )
