"""Rows of structures by any encoder, with the sidecar that says what made them.

The one place where they are made: the workflow's script calls it, and so do the commands that put a new protein beside a
study's own, which only means something if both are made alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...compute.device import products_in
from ...config.encoders import StructureEncoderBlock
from ...proteins.structure import Structure
from ...storage.embeddings import EmbeddingMeta
from .embed import embed_residues, embed_structures
from .interface import StructureEncoder
from .weights import WeightsInfo, initialise, load_weights

Rows = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Ready:
    """An encoder with its weights in it, and what they are."""

    block: StructureEncoderBlock
    encoder: StructureEncoder
    weights: WeightsInfo
    seed: int

    def rows(
        self, structures: Sequence[Structure], *, device: str, per: Literal["protein", "residue"] = "protein"
    ) -> tuple[Rows, EmbeddingMeta]:
        """Rows (n, d) of the proteins, or of the residues, that the encoder takes, and the sidecar."""
        embed = {"protein": embed_structures, "residue": embed_residues}[per]
        with products_in(self.block.matmul_precision):
            ids, rows, omissions = embed(
                self.encoder, structures, residue_budget=self.block.residue_budget, device=device, name=self.block.name
            )
        return rows, EmbeddingMeta(
            ids=ids,
            encoder=self.block.name,
            weights_state=self.weights.state,
            weights_sha256=self.weights.sha256,
            weights_source=self.weights.source,
            dimension=rows.shape[1],
            dtype=self.encoder.number_type,
            seed=self.seed,
            omissions=omissions,
            notes=self.weights.card,
        )


def make_ready(block: StructureEncoderBlock, *, seed: int, cache_dir: Path, trained: Path | None) -> Ready:
    """The block's encoder with its weights.

    trained: the file of weights trained here, for a block of `weights: trained`. Raises UserError for weights that
    cannot be had or do not fit.
    """
    encoder = initialise(block, seed)
    weights = load_weights(encoder, block, cache_dir=cache_dir, seed=seed, trained=trained)
    return Ready(block, encoder, weights, seed)


def structure_rows(
    block: StructureEncoderBlock,
    structures: Sequence[Structure],
    *,
    seed: int,
    cache_dir: Path,
    trained: Path | None,
    device: str,
) -> tuple[Rows, EmbeddingMeta]:
    """Rows (n, d) of the structures that the block's encoder takes, and the sidecar; see `make_ready` and `Ready.rows`."""
    return make_ready(block, seed=seed, cache_dir=cache_dir, trained=trained).rows(structures, device=device)
