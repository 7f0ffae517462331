"""GearNet's line graph made in torch, as on a GPU, has the arrays of the one made on a processor, also at the borders of angles."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from alignscape.encoders.structure.gearnet import line_graph as module
from alignscape.encoders.structure.gearnet.graph import ResidueGraph, residue_graph
from alignscape.encoders.structure.gearnet.line_graph import line_graph, line_graph_on_device, n_meetings
from alignscape.encoders.structure.gearnet.model import GearNet, graph_features
from alignscape.proteins.structure import Structure
from tests.helpers.made_structures import made_structure

CUDA = torch.device("cuda")
Arrays = tuple[NDArray[np.float32], NDArray[np.int64]]  # positions (n, 3) and pairs (p, 2)


def jittered(n: int, *, chains: int = 1, seed: int = 0) -> Structure:
    """Without the symmetry of a made structure, whose angles would be few."""
    made = made_structure(n, chains=chains, seed=seed)
    noise = np.random.default_rng(seed).normal(0, 0.2, made.atom_xyz.shape)
    return replace(made, atom_xyz=(made.atom_xyz + noise).astype(np.float32))


def of_positions(xyz: NDArray[np.floating], chain: NDArray[np.integer] | None = None) -> Arrays:
    graph = residue_graph(xyz.astype(np.float32), np.zeros(len(xyz), dtype=int) if chain is None else chain)
    return graph.xyz, graph.pairs


def of_structure(structure: Structure) -> Arrays:
    return of_positions(structure.ca, structure.residue_chain)


def lattice() -> Arrays:
    """Whose angles are right, half right, 0 and pi, that is at borders of bins as exactly as can be."""
    return of_positions(4.0 * np.stack(np.meshgrid(*[np.arange(5)] * 3), axis=-1).reshape(-1, 3))


def fan(scale: float = 1.0) -> Arrays:
    """Around one residue others at all borders, and as near to them as float32 can tell and a little further."""
    steps = np.concatenate([np.arange(-8, 9) * 2.0**-24, np.linspace(-2e-5, 2e-5, 41)])
    angle = (np.arange(9)[:, None] * np.pi / 8 + steps).ravel()
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    around = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1) @ turn * scale
    # the middle, then the end of the first pair, then the ones around
    xyz = np.concatenate([[[0, 0, 0]], scale * turn[:1], around]).astype(np.float32)
    to_middle = np.stack([np.arange(2, len(xyz)), np.zeros(len(around), dtype=int)], axis=1)
    return xyz, np.concatenate([to_middle, [[0, 1]]])


def with_coinciding() -> Arrays:
    structure = jittered(60, seed=4)
    xyz = structure.ca.copy()
    xyz[[7, 8, 30]] = xyz[[6, 40, 31]]
    return of_positions(xyz, structure.residue_chain)


MADE: dict[str, Callable[[], Arrays]] = {
    "one chain": lambda: of_structure(jittered(150)),
    "two chains": lambda: of_structure(jittered(80, chains=2)),
    "ideal geometry": lambda: of_structure(made_structure(60)),
    "lattice": lattice,
    "borders": fan,
    "borders, small": lambda: fan(1e-3),
    "borders, float32's least": lambda: fan(3e-20),
    "borders, far too large": lambda: fan(1e15),
    "a line": lambda: of_positions(np.arange(30)[:, None] * np.array([1.0, 2.0, 3.0])),
    "one place": lambda: of_positions(np.full((20, 3), 7.5)),
    "some at one place": with_coinciding,
    "one residue": lambda: of_positions(np.ones((1, 3))),
    "two residues": lambda: of_positions(np.array([[0, 0, 0], [0, 0, 3.8]])),
    "no pairs": lambda: (np.zeros((4, 3), dtype=np.float32), np.empty((0, 2), dtype=np.int64)),
    "no residues": lambda: (np.zeros((0, 3), dtype=np.float32), np.empty((0, 2), dtype=np.int64)),
}


def in_torch(xyz: NDArray[np.float32], pairs: NDArray[np.int64], device: str = "cpu") -> list[NDArray[np.int64]]:
    made = line_graph_on_device(
        torch.from_numpy(xyz).to(device), torch.from_numpy(pairs).to(device), n_meetings(len(xyz), pairs)
    )
    return [part.cpu().numpy() for part in made]


@pytest.mark.filterwarnings("ignore:overflow encountered")  # by the reference, of what is far too large
@pytest.mark.parametrize("kind", MADE)
def test_both_ways_make_the_same_arrays(kind: str) -> None:
    xyz, pairs = MADE[kind]()
    expected = line_graph(xyz, pairs)
    for found, one in zip(in_torch(xyz, pairs), expected, strict=True):
        assert found.dtype == one.dtype
        assert np.array_equal(found, one)


@pytest.mark.parametrize("way", [line_graph, in_torch], ids=["numpy", "torch"])
def test_each_way_equals_the_definition_edge_by_edge(way: Callable[..., list[NDArray[np.int64]]]) -> None:
    """By the cosine in float64, of angles that are no closer than 1e-4 to a border, and of pairs with a vector of length 0."""
    xyz, pairs = of_structure(jittered(16, chains=2, seed=6))
    incoming, start = way(xyz, pairs)
    rows = [set(incoming[a:b].tolist()) for a, b in pairwise(start)]
    assert sum(map(len, rows)) == len(incoming) == n_meetings(len(xyz), pairs)
    compared = 0
    for pair, (source, target) in enumerate(pairs):
        met = [other for other, (_, end) in enumerate(pairs) if end == source]
        assert sorted(met) == sorted(set().union(*rows[8 * pair : 8 * pair + 8]))
        for other in met:
            a, b = (xyz[i].astype(np.float64) - xyz[source] for i in (target, pairs[other, 0]))
            lengths = np.linalg.norm(a) * np.linalg.norm(b)
            eighth = 8 / np.pi * np.arccos(np.clip(a @ b / lengths, -1, 1)) if lengths else 0.0
            if lengths == 0 or abs(eighth - round(eighth)) > 1e-4 or round(eighth) in (0, 8):
                assert other in rows[8 * pair + min(7, int(eighth))]
                compared += 1
    assert compared > 0.99 * len(incoming)


@pytest.mark.parametrize(
    ("kind", "most"), [("one chain", 1e-4), ("two chains", 1e-4), ("lattice", 1), ("one place", 0)]
)
def test_the_processor_is_asked_for_angles_at_borders_only(
    kind: str, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    reference = module.angle_bin
    monkeypatch.setattr(module, "angle_bin", lambda a, b: asked.append(len(a)) or reference(a, b))
    xyz, pairs = MADE[kind]()
    in_torch(xyz, pairs)
    assert sum(asked) <= most * n_meetings(len(xyz), pairs)


def test_a_batch_whose_angles_are_made_with_it_has_the_very_rows() -> None:
    torch.manual_seed(0)
    encoder = GearNet([16, 16]).eval()
    made = [jittered(n, chains=1 + n // 60, seed=n) for n in (5, 65, 31, 3)]
    graphs = [residue_graph(s.ca, s.residue_chain) for s in made]
    batches = [
        encoder.collate([graph_features(s.residue_type, graph, device) for s, graph in zip(made, graphs, strict=True)])
        for device in (torch.device("cpu"), CUDA)
    ]
    assert "line_graph" not in batches[1]
    with torch.inference_mode():
        here, there = (encoder.readout(encoder(batch), batch) for batch in batches)
    assert torch.equal(here, there)


def test_pairs_are_sorted_by_target_and_source() -> None:
    structure = jittered(80, chains=2, seed=9)
    graph: ResidueGraph = residue_graph(structure.ca, structure.residue_chain)
    assert np.array_equal(np.lexsort(graph.pairs.T), np.arange(len(graph.pairs)))
    assert np.array_equal(graph.pairs[graph.edge_pair], graph.edges[:, :2])
