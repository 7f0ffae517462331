"""Every structure encoder on fake CUDA tensors: no tensor is left on the processor, few kernels and few waits a batch."""

import pytest
import torch

from alignscape.encoders.structure.interface import StructureEncoder
from alignscape.encoders.structure.registry import build_encoder
from tests.helpers.every_encoder import structure_blocks
from tests.helpers.fake_cuda import fake_cuda, on_fake_cuda
from tests.helpers.made_structures import made_structure

# Of one batch, whatever its size: kernels, some above what is counted now, and waits, the last of which reads the rows.
MOST = {
    "composition": (10, 2),
    "gat": (115, 3),
    "gearnet": (170, 5),
    "gvp": (390, 4),
    "proteinmpnn": (140, 2),
    "scannet": (150, 2),
}
BLOCKS = {
    block.encoder: block
    for block in reversed(structure_blocks())  # the first of an encoder stays
    if block.encoder in MOST and block.weights in ("random", "none") and getattr(block, "backend", "native") == "native"
}


@pytest.mark.parametrize("name", BLOCKS)
def test_fake_cuda_one_batch_of_an_encoder(name: str) -> None:
    encoder: StructureEncoder = build_encoder(BLOCKS[name]).eval()
    batch = encoder.collate([encoder.featurise(made_structure(n, seed=n)) for n in (1200, 60, 25)])
    with fake_cuda() as calls, torch.no_grad():
        on_gpu, encoder = on_fake_cuda(batch), on_fake_cuda(encoder)
        rows = encoder.readout(encoder(on_gpu), on_gpu).float().cpu().numpy()
    assert rows.shape == (3, encoder.dimension)
    kernels, waits = MOST[name]
    assert 0.8 * kernels <= calls.kernels.total() <= kernels, calls.kernels.most_common()
    assert calls.waits.total() <= waits, calls.waits
    assert calls.copies == 0
