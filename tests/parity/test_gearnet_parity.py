"""GearNet equals TorchDrug's, edge by edge and feature by feature, on the oracle's structures."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from alignscape.encoders.structure.gearnet.graph import SPATIAL, ResidueGraph, graph_of_edges, residue_graph
from alignscape.encoders.structure.gearnet.model import TORCHDRUG_ORDER, GearNet, graph_features
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.structure import AMINO_ACIDS

IDS = ["1A7G", "1A8O", "1AS5", "1GBT", "2BEG", "2OFG", "2XHE", "3JQH", "4CUP"]
# The original keeps an arbitrary 32 of a residue's radius neighbours, ours the nearest 32.
CROWDED = "1GBT"
ORDERS = {
    "sequential_spatial_knn": [0, 1, 2, 3, 4, 5, 6],
    "spatial_knn_sequential": [2, 3, 4, 5, 6, 0, 1],  # how the paper's scripts number the same edges
}
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def seeded_array(shared: Path) -> Callable[[str, tuple[int, ...]], np.ndarray]:
    spec = importlib.util.spec_from_file_location("seeded_weights", shared / "oracles/seeded_weights.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.seeded_array


@pytest.fixture(scope="module", params=[(512,) * 6, (64, 64)], ids=["3072", "128"])
def network(request: pytest.FixtureRequest, seeded_array: Callable) -> GearNet:
    model = GearNet(request.param)
    names = {name: torch.from_numpy(seeded_array(name, value.shape)) for name, value in model.state_dict().items()}
    model.load_state_dict(names)
    return model.eval()


def oracle(shared: Path, id_: str) -> dict[str, np.ndarray]:
    return dict(np.load(shared / f"oracles/gearnet/{id_}.npz"))


def our_types(arrays: dict[str, np.ndarray]) -> np.ndarray:
    to_ours = np.array([AMINO_ACIDS.index(letter) for letter in TORCHDRUG_ORDER] + [20])
    return to_ours[arrays["residue_type"]]


def edge_set(edges: np.ndarray) -> set[tuple[int, ...]]:
    return set(map(tuple, edges.tolist()))


def outputs(network: GearNet, types: np.ndarray, graph: ResidueGraph) -> tuple[np.ndarray, np.ndarray]:
    with torch.inference_mode():
        batch = network.collate([graph_features(types, graph)])
        residues = network(batch)
        return residues.numpy(), network.readout(residues, batch)[0].numpy()


def relative(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


@pytest.mark.parametrize("id_", [i for i in IDS if i != CROWDED])
def test_edges_are_the_originals(shared: Path, id_: str) -> None:
    arrays = oracle(shared, id_)
    graph = residue_graph(arrays["positions"], arrays["chain"])
    assert edge_set(graph.edges) == edge_set(arrays["edges"])
    assert len(graph.edges) == len(arrays["edges"])
    assert graph.n_line_edges == arrays["num_line_edges"]


def test_edges_differ_only_where_more_than_32_residues_are_within_the_radius(shared: Path) -> None:
    arrays = oracle(shared, CROWDED)
    graph = residue_graph(arrays["positions"], arrays["chain"])
    distances = np.linalg.norm(arrays["positions"][:, None] - arrays["positions"][None], axis=-1)
    crowded = set(np.flatnonzero((distances < 10).sum(axis=1) - 1 > 32).tolist())
    differing = edge_set(graph.edges) ^ edge_set(arrays["edges"])
    assert len(crowded) == 5
    assert {(target in crowded, relation) for _, target, relation in differing} == {(True, SPATIAL)}


@pytest.mark.parametrize("id_", IDS)
@pytest.mark.parametrize("order", ORDERS)
def test_features_are_the_originals_on_its_own_edges(shared: Path, network: GearNet, id_: str, order: str) -> None:
    arrays = oracle(shared, id_)
    edges = arrays["edges"].copy()
    edges[:, 2] = np.array(ORDERS[order])[edges[:, 2]]
    residues, protein = outputs(network, our_types(arrays), graph_of_edges(arrays["positions"], edges))
    difference = relative(protein, arrays[f"graph_feature_{network.dimension}_{order}"])
    key = f"node_feature_{network.dimension}_{order}"
    if key in arrays:
        difference = max(difference, relative(residues, arrays[key]))
    print(f"{id_} {network.dimension} {order}: relative difference {difference:.1e}")
    assert difference < TOLERANCE


@pytest.mark.parametrize("id_", [i for i in IDS if i != CROWDED])
def test_features_are_the_originals_from_positions(shared: Path, network: GearNet, id_: str) -> None:
    arrays = oracle(shared, id_)
    graph = residue_graph(arrays["positions"], arrays["chain"])
    _, protein = outputs(network, our_types(arrays), graph)
    assert relative(protein, arrays[f"graph_feature_{network.dimension}_sequential_spatial_knn"]) < TOLERANCE


@pytest.mark.parametrize("id_", ["1A7G", "2OFG", "3JQH", "4CUP", "2BEG"])
def test_features_are_the_originals_from_the_file(shared: Path, network: GearNet, id_: str) -> None:
    arrays = oracle(shared, id_)
    structure, _ = parse_structure(shared / f"oracles/structures/{id_}.pdb", id=id_)
    assert np.array_equal(structure.ca[structure.has_ca], arrays["positions"])
    ours = network.embed([structure])[0].numpy()
    assert relative(ours, arrays[f"graph_feature_{network.dimension}_sequential_spatial_knn"]) < TOLERANCE
