"""Our GAT, and the same weights in torch-geometric's layer, equal the original GAT with its Cora weights on protein atoms."""

import numpy as np
import pytest
import torch

from alignscape.compute.sparse_attention import Edges
from alignscape.encoders.structure.gat.block import Gat
from alignscape.encoders.structure.gat.model import atom_edges
from alignscape.encoders.structure.registry import build_encoder


@pytest.fixture(scope="module", params=["native", "pyg"])
def cora(shared, request):
    if request.param == "pyg":
        pytest.importorskip("torch_geometric")
    encoder = build_encoder(Gat(encoder="gat", name="gat", weights="cora", backend=request.param))
    encoder.load_state_dict(encoder.read_official(shared / "weights/gat/mod_cora.ckpt.index"))
    return encoder.eval()


@pytest.mark.parametrize("name", ["1A8O", "a_structure"])
def test_atoms_equal_the_original(shared, cora, name, record_property):
    oracle = np.load(shared / "oracles/gat" / f"{name}.npz")
    start, sender = (torch.from_numpy(a) for a in atom_edges(oracle["features"][:, 1:]))
    edges = Edges(start, sender, torch.repeat_interleave(torch.arange(len(start) - 1), start.diff()))
    with torch.no_grad():
        hidden = cora.atoms(torch.from_numpy(oracle["features"]).float(), edges).numpy()
    difference = np.abs(hidden - oracle["hidden"]).max()
    record_property("max_abs_difference", float(difference))
    print(f"{type(cora.layer).__name__} {name}: max abs difference {difference:.1e}")
    assert difference < 1e-4
    np.testing.assert_allclose(hidden.mean(0, keepdims=True), oracle["avg"], atol=1e-4)


@pytest.mark.parametrize("name", ["1A8O", "a_structure"])
def test_edges_equal_the_originals_and_self_loops(shared, name):
    oracle = np.load(shared / "oracles/gat" / f"{name}.npz")
    start, sender = atom_edges(oracle["features"][:, 1:])
    ours = np.stack([np.repeat(np.arange(len(start) - 1), np.diff(start)), sender], 1)
    loops = np.arange(len(start) - 1)[:, None].repeat(2, 1)
    theirs = np.concatenate([oracle["edges"], loops])
    assert np.array_equal(ours, theirs[np.lexsort((theirs[:, 1], theirs[:, 0]))])
