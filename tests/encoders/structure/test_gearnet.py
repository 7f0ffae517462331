"""GearNet keeps what it promises: invariances, batches, any length, and relations that mean something."""

import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from alignscape.encoders.structure.gearnet import model as gearnet
from alignscape.encoders.structure.gearnet.block import GearNet as GearNetConfig
from alignscape.encoders.structure.gearnet.graph import N_RELATIONS, ResidueGraph, graph_of_edges, residue_graph
from alignscape.encoders.structure.gearnet.model import GearNet, build, graph_features
from alignscape.encoders.training.enzyme_commission import EnzymeCommissionModel
from alignscape.errors import ProteinRejected
from alignscape.proteins.structure import Structure
from tests.helpers.made_structures import made_structure, moved, with_atoms_shuffled, with_far_copy


@pytest.fixture(scope="module")
def encoder() -> GearNet:
    """A small one whose norms have seen something, so that each part matters."""
    torch.manual_seed(0)
    model = GearNet([32, 32, 32]).train()
    with torch.no_grad():
        model(model.collate([model.featurise(made_structure(80, seed=s)) for s in range(3)]))
    return model.eval()


def relative(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a - b).abs().max() / b.abs().max())


def graph_of(structure: Structure) -> ResidueGraph:
    return residue_graph(structure.ca, structure.residue_chain)


def jittered(structure: Structure, seed: int) -> Structure:
    """The structure without the symmetry of a made one, on a grid of 1/1024 angstrom, where shifts lose nothing."""
    noise = np.random.default_rng(seed).normal(0, 0.2, structure.atom_xyz.shape)
    return replace(structure, atom_xyz=(np.round((structure.atom_xyz + noise) * 1024) / 1024).astype(np.float32))


@given(st.integers(3, 60), st.integers(1, 3), st.permutations([0, 1, 2]), st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_exact_rotation_translation_and_atom_order_do_not_matter(n: int, chains: int, axes: list, seed: int) -> None:
    torch.manual_seed(0)
    encoder = GearNet([16, 16]).eval()
    structure = jittered(made_structure(n, chains=min(chains, n // 3), seed=seed), seed)
    before = encoder.embed([structure])
    turned = structure.atom_xyz[:, axes] * np.float32([1, -1, 1]) + np.float32([16, -8, 4])
    assert relative(encoder.embed([replace(structure, atom_xyz=turned)]), before) < 1e-5
    assert torch.equal(encoder.embed([with_atoms_shuffled(structure, seed=seed)]), before)


@pytest.mark.parametrize("seed", range(5))
def test_any_rotation_does_not_matter_where_no_angle_lies_on_the_edge_of_its_bin(encoder: GearNet, seed: int) -> None:
    structure = jittered(made_structure(60, chains=2, seed=seed), seed)
    assert relative(encoder.embed([moved(structure, seed=seed)]), encoder.embed([structure])) < 1e-5


def test_batch_equals_single(encoder: GearNet) -> None:
    made = [made_structure(n, chains=1 + n // 60, seed=n) for n in (5, 61, 130, 3)]
    assert relative(encoder.embed(made), torch.cat([encoder.embed([s]) for s in made])) < 1e-5


def test_a_far_copy_doubles_the_sum_and_leaves_the_mean(encoder: GearNet) -> None:
    structure = made_structure(64)
    copy = with_far_copy(structure)
    assert len(graph_of(copy).edges) == 2 * len(graph_of(structure).edges)
    assert relative(encoder.embed([copy]), 2 * encoder.embed([structure])) < 1e-5
    mean = GearNet([32, 32, 32], readout="mean").eval()
    mean.load_state_dict(encoder.state_dict())
    assert relative(mean.embed([copy]), mean.embed([structure])) < 1e-5
    assert relative(mean.embed([structure]) * 64, encoder.embed([structure])) < 1e-5


def test_graph_equals_its_definition_residue_by_residue() -> None:
    structure = made_structure(45, chains=2, seed=5)
    xyz, chain = structure.ca.astype(np.float64), structure.residue_chain
    distance = np.linalg.norm(xyz[:, None] - xyz[None], axis=-1)
    expected = set()
    for target in range(45):
        by_distance = [int(s) for s in np.argsort(distance[target]) if s != target]
        near = [s for s in by_distance[:32] if distance[target, s] < 10]
        expected |= {(s, target, 5) for s in near if abs(s - target) >= 5}
        expected |= {(s, target, 6) for s in by_distance[:10] if abs(s - target) >= 5}
        same = [s for s in range(max(0, target - 2), min(45, target + 3)) if chain[s] == chain[target]]
        expected |= {(s, target, target - s + 2) for s in same}
    graph = graph_of(structure)
    assert set(map(tuple, graph.edges.tolist())) == expected
    assert len(graph.edges) == len(expected)


def test_permuted_relations_change_the_output(encoder: GearNet) -> None:
    structure = made_structure(60)
    graph, types = graph_of(structure), structure.residue_type
    edges = graph.edges.copy()
    edges[:, 2] = (edges[:, 2] + 2) % N_RELATIONS
    with torch.inference_mode():
        kept, permuted = (
            encoder(encoder.collate([graph_features(types, g)])) for g in (graph, graph_of_edges(structure.ca, edges))
        )
    assert relative(permuted, kept) > 0.01


def test_blocks_do_not_change_the_output(encoder: GearNet, monkeypatch: pytest.MonkeyPatch) -> None:
    structure = made_structure(100, chains=2)
    whole = encoder.embed([structure])
    monkeypatch.setattr(gearnet, "BLOCK_BYTES", {"cpu": 20000})
    assert relative(encoder.embed([structure]), whole) < 1e-5


def test_five_residues_and_residues_without_calpha(encoder: GearNet) -> None:
    structure = made_structure(12)
    lost = (structure.atom_name == "CA") & (structure.atom_residue > 4)
    atoms = {k: v[~lost] for k, v in vars(structure).items() if k.startswith("atom_")}
    five = encoder.embed([replace(structure, **atoms)])
    assert torch.isfinite(five).all()
    keep = np.arange(12) <= 4
    assert torch.equal(five, encoder.embed([structure.select(keep)]))
    with pytest.raises(ProteinRejected, match="2 residues with a C-alpha, GearNet needs 3"):
        encoder.featurise(structure.select(np.arange(12) < 2))


def test_unknown_residues_differ_from_glycine(encoder: GearNet) -> None:
    structure = made_structure(30)
    glycine, unknown = (replace(structure, residue_type=np.full(30, t, dtype=np.int8)) for t in (5, 20))
    assert relative(encoder.embed([unknown]), encoder.embed([glycine])) > 1e-3


def test_coinciding_residues_are_finite(encoder: GearNet) -> None:
    structure = made_structure(60)
    flat = replace(structure, atom_xyz=np.zeros_like(structure.atom_xyz))
    assert torch.isfinite(encoder.embed([flat])).all()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc")
def test_three_thousand_residues_fit_into_two_gib_and_threads_do_not_matter() -> None:
    program = textwrap.dedent(
        """
        import sys, torch
        torch.set_num_threads(int(sys.argv[1]))
        from tests.helpers.made_structures import made_structure
        from alignscape.encoders.structure.gearnet.model import GearNet
        torch.manual_seed(0)
        encoder = GearNet([128, 128])
        rows = encoder.embed([made_structure(3000, chains=3)])
        assert torch.isfinite(rows).all()
        peak = open("/proc/self/status").read().partition("VmHWM:")[2].split()[0]  # KiB
        print(int(peak) / 2**20, *rows[0, ::50].tolist())
        """
    )
    runs = [
        np.array(subprocess.run([sys.executable, "-c", program, threads], cwd=Path(__file__).parents[3], check=True,
                                capture_output=True, text=True).stdout.split(), dtype=float)
        for threads in ("1", "2")
    ]  # fmt: skip
    assert runs[0][0] < 2
    assert np.abs(runs[0][1:] - runs[1][1:]).max() <= 1e-5 * np.abs(runs[0][1:]).max()


def test_the_config_sets_widths_and_readout() -> None:
    encoder = build(GearNetConfig(encoder="gearnet", name="g", hidden=[64, 64], readout="mean"))
    assert (encoder.dimension, encoder.readout_kind) == (128, "mean")
    assert encoder.state_dict()["edge_layers.0.linear.weight"].shape == (21, 8 * 59)


def test_gradients_equal_finite_differences() -> None:
    double = GearNet([4, 4]).double().eval()
    batch = double.collate([double.featurise(made_structure(7))])
    batch["edge_distance"] = batch["edge_distance"].double()
    weight = double.edge_layers[1].linear.weight

    def output(values: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(double, {"edge_layers.1.linear.weight": values}, (batch,)).sum(dim=0)

    # fast: along random directions, not once for each of the weights
    assert torch.autograd.gradcheck(output, (weight.detach().clone().requires_grad_(),), fast_mode=True)


@pytest.mark.parametrize("hidden", [[8], [8, 8], [8] * 3])
def test_the_model_learns_labels_for_any_hidden_list(hidden: list[int]) -> None:
    torch.manual_seed(0)
    encoder = GearNet(hidden)
    model = EnzymeCommissionModel(encoder, 4).train()
    batch = encoder.collate([encoder.featurise(made_structure(30, seed=s)) for s in range(4)])
    target = torch.eye(4)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    first = float(model.loss(batch, target).detach())
    for _ in range(60):
        optimizer.zero_grad()
        loss = model.loss(batch, target)
        loss.backward()
        optimizer.step()
    assert all(parameter.grad is not None for parameter in model.parameters())
    assert float(loss.detach()) < first / 3


@pytest.mark.parametrize("hidden", [[64], [128], [256], [512], [512] * 2, [512] * 6])
def test_every_rung_of_the_papers_ladder_gives_a_logit_a_label(hidden: list[int]) -> None:
    encoder = GearNet(hidden)
    model = EnzymeCommissionModel(encoder, 7).eval()
    batch = encoder.collate([encoder.featurise(made_structure(n, seed=n)) for n in (10, 12)])
    with torch.inference_mode():
        logits = model(batch)
    assert encoder.dimension == sum(hidden)
    assert logits.shape == (2, 7)
    assert torch.isfinite(logits).all()
