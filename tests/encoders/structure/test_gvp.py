"""GVP sees the backbone only, turns with the protein, and knows where a chain ends."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from alignscape.encoders.structure.gvp.block import Gvp
from alignscape.encoders.structure.gvp.features import backbone_geometry
from alignscape.encoders.structure.gvp.model import BLOCK, GvpEncoder, Layer, Perceptron, build
from alignscape.errors import ProteinRejected
from tests.helpers.made_structures import (
    made_structure,
    moved,
    with_atoms_shuffled,
    with_chains_reversed,
    with_far_copy,
)


def encoder_with(pooling):
    torch.manual_seed(0)
    return build(Gvp(encoder="gvp", name="gvp", weights="random", pooling=pooling)).eval()


@pytest.fixture(scope="module")
def gvp():
    return encoder_with("invariants")


def close(a, b, tolerance=1e-4):
    return torch.allclose(a, b, atol=tolerance, rtol=tolerance)


def residues(encoder, structure):
    batch = encoder.collate([encoder.featurise(structure)])
    with torch.no_grad():
        return encoder(batch)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(5, 80))
def test_rotation_and_translation_change_nothing(gvp, seed, n):
    structure = made_structure(n, seed=seed)
    assert close(gvp.embed([structure]), gvp.embed([moved(structure, seed=seed)]), 2e-4)


def test_components_turn_with_the_protein():
    encoder, structure = encoder_with("components"), made_structure()
    still, turned = encoder.embed([structure])[0], encoder.embed([moved(structure)])[0]
    assert close(still[48:], turned[48:], 2e-3)
    assert not close(still[:48], turned[:48], 1e-2)
    assert close(still[:48].view(3, 16).norm(dim=0), turned[:48].view(3, 16).norm(dim=0), 2e-3)


def test_a_mirror_image_is_told_apart(gvp):
    structure = made_structure()
    mirrored = replace(structure, atom_xyz=structure.atom_xyz * np.array([1, 1, -1], dtype=np.float32))
    assert not close(gvp.embed([structure]), gvp.embed([mirrored]), 1e-2)


def test_only_the_backbone_counts(gvp):
    structure = made_structure()
    backbone = np.isin(structure.atom_name, ("N", "CA", "C", "O"))
    atoms = {n: getattr(structure, n)[backbone] for n in vars(structure) if n.startswith("atom_")}
    bare = replace(structure, **atoms, residue_type=np.full_like(structure.residue_type, 20))
    assert torch.equal(gvp.embed([structure]), gvp.embed([bare]))


def test_order_of_atoms_and_of_chains_changes_nothing(gvp):
    structure = made_structure(50, chains=3)
    expected = gvp.embed([structure])
    assert close(expected, gvp.embed([with_atoms_shuffled(structure)]))
    assert close(expected, gvp.embed([with_chains_reversed(structure)]))


def test_a_far_copy_leaves_the_means_as_they_are(gvp):
    structure = made_structure(40)
    assert close(gvp.embed([structure]), gvp.embed([with_far_copy(structure)]), 1e-3)


def test_a_batch_gives_what_single_proteins_give(gvp):
    structures = [made_structure(n, seed=n) for n in (5, 37, 80)]
    single = torch.cat([gvp.embed([s]) for s in structures])
    assert close(gvp.embed(structures), single, 1e-5)


@pytest.mark.parametrize("n", [3, 5, 3000])
@pytest.mark.parametrize("pooling", ["invariants", "components"])
def test_any_size_is_finite_and_has_148_dimensions(n, pooling):
    embedding = encoder_with(pooling).embed([made_structure(n)])
    assert embedding.shape == (1, 148)
    assert embedding.isfinite().all()


def test_nothing_spans_the_end_of_a_chain():
    structure = made_structure(20, chains=2)
    geometry = backbone_geometry(structure.backbone, structure.residue_chain)
    last, first = geometry.node_vectors[9], geometry.node_vectors[10]
    assert not last[:, 1].any()  # no next C-alpha
    assert not first[:, 2].any()  # no previous one
    assert np.array_equal(
        geometry.node_scalars[9], [*geometry.node_scalars[9, :1], 1, 1, geometry.node_scalars[9, 3], 0, 0]
    )
    assert geometry.node_scalars[10, 0] == 1
    assert geometry.node_scalars[10, 3] == 0
    across = structure.residue_chain[geometry.neighbour] != structure.residue_chain[:, None]
    assert across.any()
    assert not geometry.edge_scalars[across][:, 16:].any()
    assert geometry.edge_scalars[~across][:, 16:].any(axis=-1).all()


def test_nothing_spans_a_gap_in_a_chain():
    structure = made_structure(20)
    keep = np.ones(20, dtype=bool)
    keep[10] = False
    gap = structure.select(keep)
    geometry = backbone_geometry(gap.backbone, gap.residue_chain)
    assert not geometry.node_vectors[9][:, 1].any()
    assert not geometry.node_vectors[10][:, 2].any()


def test_dihedrals_equal_biopythons():
    from Bio.PDB.vectors import Vector, calc_dihedral

    x = made_structure(12).backbone.astype(float)
    at = [[Vector(atom) for atom in residue] for residue in x]
    scalars = backbone_geometry(x, np.zeros(12, dtype=int)).node_scalars
    for i in range(1, 11):
        phi = calc_dihedral(at[i - 1][2], *at[i][:3])
        psi = calc_dihedral(*at[i][:3], at[i + 1][0])
        omega = calc_dihedral(*at[i][1:3], *at[i + 1][:2])
        expected = np.concatenate([np.cos([phi, psi, omega]), np.sin([phi, psi, omega])])
        np.testing.assert_allclose(scalars[i], expected, atol=1e-3)


def test_a_perfectly_flat_peptide_bond_is_trans():
    flat = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [2, 1, 0], [2, 2, 0], [3, 2, 0]], dtype=float)  # N CA C N CA C
    backbone = np.concatenate([flat.reshape(2, 3, 3), np.ones((2, 1, 3))], axis=1)
    cosines = backbone_geometry(
        np.concatenate([backbone, backbone + np.array([3, 2, 0])]), np.zeros(4, dtype=int)
    ).node_scalars
    assert cosines[0, 2] < -0.99


def test_messages_made_in_parts_and_blocks_equal_the_plain_formula(monkeypatch):
    torch.manual_seed(0)
    layer, n, k = Layer(), 7, 4
    nodes = torch.randn(n, 3, 16), torch.randn(n, 100)
    edges = torch.randn(n, k, 3, 1), torch.randn(n, k, 100)
    neighbour, share = torch.randint(n, (n, k)), torch.full((n, k), 1 / k)
    message = [
        torch.cat([own.unsqueeze(1).expand(n, k, *own.shape[1:]), edge, own[neighbour]], -1)
        for own, edge in zip(nodes, edges, strict=True)
    ]
    for perceptron in layer.message:
        message = perceptron(*message)
    v, s = layer.norms[0](nodes[0] + message[0].mean(1), nodes[1] + message[1].mean(1))
    step_v, step_s = layer.step[1](*layer.step[0](v, s))
    expected = layer.norms[1](v + step_v, s + step_s)
    for block in (3, 128):
        monkeypatch.setitem(BLOCK, "cpu", block)
        ours = layer(nodes, edges, neighbour, share)
        assert close(ours[0], expected[0], 1e-5)
        assert close(ours[1], expected[1], 1e-5)


def test_every_parameter_learns_and_vector_biases_stay_zero(gvp):
    batch = gvp.collate([gvp.featurise(made_structure(30))])
    gvp.readout(gvp(batch), batch).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() and p.grad.abs().max() > 0 for p in gvp.parameters())
    gvp.zero_grad()
    names = {name.rpartition(".")[2] for name, _ in gvp.named_parameters()}
    assert names == {"wh", "ws", "wv", "bs", "weight", "bias"}
    assert not any(buffer.any() for buffer in gvp.buffers())


def test_gradients_are_finite_for_vectors_of_length_zero():
    perceptron = Perceptron((2, 3), (2, 3), kind="gated")
    vectors = torch.zeros(4, 3, 2, requires_grad=True)
    v, s = perceptron(vectors, torch.zeros(4, 3))
    (v.sum() + s.sum()).backward()
    assert vectors.grad.isfinite().all()


def test_residue_invariants_do_not_turn_with_the_protein(gvp):
    structure = made_structure()
    still, turned = (gvp.residue_invariants(residues(gvp, s)) for s in (structure, moved(structure)))
    assert still.shape == (60, 116)
    assert (still - turned).abs().mean() < 1e-3


def test_residues_without_a_whole_backbone_are_left_out(gvp):
    structure = made_structure(10)
    keep = ~((structure.atom_residue == 4) & (structure.atom_name == "O"))
    atoms = {n: getattr(structure, n)[keep] for n in vars(structure) if n.startswith("atom_")}
    assert residues(gvp, replace(structure, **atoms)).shape == (9, 148)


def test_too_few_residues_are_rejected_with_the_count(gvp):
    with pytest.raises(ProteinRejected, match="2 residues with N, CA, C and O; GVP needs 3"):
        gvp.featurise(made_structure(2))


def test_runs_and_thread_counts_agree(gvp):
    threads = torch.get_num_threads()
    results = []
    try:
        for count in (1, 2, 1):
            torch.set_num_threads(count)
            results.append(gvp.embed([made_structure(300, seed=3)]))
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(results[0], results[2])
    assert close(results[0], results[1], 1e-5)
    assert isinstance(gvp, GvpEncoder)
