"""Graph attention on atoms: our products of sparse matrices, and PyG's GATConv with the same weights; graphs are made before."""

from collections.abc import Callable
from pathlib import Path

import torch

from alignscape.encoders.structure.gat import model, pyg
from alignscape.encoders.structure.gat.block import Gat
from alignscape.encoders.structure.interface import StructureEncoder

from .demo import IDS, structures

AMOUNT = len(IDS)
_EDGES = sum(len(model.atom_edges(structure.atom_xyz)[1]) for structure in structures())
# Each layer reads an index and a neighbour's 64 numbers for each edge, at least.
LIMIT = {"bytes": model.LAYERS * _EDGES * (8 + 4 * 64)}


def _work(encoder: StructureEncoder) -> Callable[[], torch.Tensor]:
    encoder.eval()
    batch = encoder.collate([encoder.featurise(structure) for structure in structures()])

    @torch.inference_mode()
    def run() -> torch.Tensor:
        return encoder(batch)

    return run


def _block() -> Gat:
    torch.manual_seed(0)
    return Gat(encoder="gat", name="gat", weights="random")


def ours(cache: Path) -> Callable[[], torch.Tensor]:
    """Our layer."""
    return _work(model.build(_block()))


def theirs(cache: Path) -> Callable[[], torch.Tensor]:
    """GATConv."""
    return _work(pyg.build(_block()))
