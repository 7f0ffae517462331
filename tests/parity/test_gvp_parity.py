"""Our GVP equals the original TensorFlow structural encoder, weights read from a checkpoint of the published format."""

import numpy as np
import pytest
import torch

from alignscape.encoders.structure.gvp.features import backbone_geometry
from alignscape.encoders.structure.gvp.model import GvpEncoder


@pytest.fixture(scope="module")
def encoder(shared):
    encoder = GvpEncoder(pooling="components")
    encoder.load_state_dict(encoder.read_official(shared / "oracles/gvp/cpd8_ckpt.index"))
    return encoder.eval()


@pytest.fixture(scope="module", params=["2cviA", "3a4rA"])
def oracle(shared, request):
    return np.load(shared / f"oracles/gvp/cpd8_{request.param}.npz")


@pytest.fixture(scope="module")
def batch(encoder, oracle):
    geometry = backbone_geometry(oracle["X"][0], np.zeros(len(oracle["X"][0]), dtype=int))
    return encoder.collate([{n: torch.from_numpy(np.array(a)) for n, a in geometry._asdict().items()}])


def difference(name, ours, theirs):
    largest = np.abs(ours.detach().numpy() - theirs[0]).max()
    print(f"GVP {name}: max abs difference {largest:.1e}")
    return largest


def merged(vectors, scalars):
    return torch.cat([vectors.flatten(-2), scalars], -1)


def test_neighbours_are_the_same(batch, oracle):
    assert np.array_equal(batch["neighbour"].numpy(), oracle["E_idx"][0])


def test_node_and_edge_embeddings_equal_the_original(encoder, batch, oracle):
    nodes, edges = encoder.embed_features(batch)
    assert difference("V", merged(*nodes), oracle["V"]) < 1e-4
    assert difference("E", merged(*edges), oracle["E"]) < 1e-4
    assert difference("h_V0", merged(*encoder.node_in(*nodes)), oracle["h_V0"]) < 1e-4
    assert difference("h_E", merged(*encoder.edge_in(*edges)), oracle["h_E"]) < 1e-4


def test_residue_features_and_their_mean_equal_the_original(encoder, batch, oracle):
    with torch.no_grad():
        residues = encoder(batch)
        assert difference("h_V", residues, oracle["h_V"]) < 1e-4
        np.testing.assert_allclose(encoder.readout(residues, batch).numpy(), oracle["mean"], atol=1e-4)
