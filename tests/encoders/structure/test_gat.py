"""The default GAT promises invariance and takes any number of atoms; the Cora control promises neither invariance nor sense."""

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from alignscape.compute.sparse_attention import Edges, SparseAttention
from alignscape.encoders.structure.gat.block import Gat
from alignscape.encoders.structure.gat.model import atom_edges, build
from alignscape.errors import ProteinRejected
from tests.helpers.made_structures import (
    made_structure,
    moved,
    with_atoms_shuffled,
    with_chains_reversed,
    with_far_copy,
)

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module", params=["random", "cora"])
def encoder(request):
    torch.manual_seed(0)
    return build(Gat(encoder="gat", name="gat", weights=request.param)).eval()


@pytest.fixture(scope="module")
def gat():
    torch.manual_seed(0)
    return build(Gat(encoder="gat", name="gat", weights="random")).eval()


def edges_of(start, sender):
    start, sender = torch.as_tensor(start), torch.as_tensor(sender)
    return Edges(start, sender, torch.repeat_interleave(torch.arange(len(start) - 1), start.diff()))


def close(a, b, tolerance=1e-5):
    return torch.allclose(a, b, atol=tolerance, rtol=tolerance)


def test_gradients_equal_finite_differences():
    torch.manual_seed(0)
    layer = SparseAttention(3, heads=2, width=2).double()
    layer.constant.data = torch.tensor([0.3, -0.2], dtype=torch.float64)
    edges = edges_of(*atom_edges(made_structure(3).atom_xyz[:12]))
    x = torch.randn(12, 3, dtype=torch.float64, requires_grad=True)
    names, values = zip(*[(n, p.detach().requires_grad_()) for n, p in layer.named_parameters()], strict=True)

    def function(x, *values):
        return torch.func.functional_call(layer, dict(zip(names, values, strict=True)), (x, edges))

    assert torch.autograd.gradcheck(function, (x, *values))


def test_edges_are_all_pairs_under_five_angstrom():
    xyz = made_structure(15).atom_xyz
    near = np.linalg.norm(xyz[:, None].astype(float) - xyz[None], axis=-1) < 5
    start, sender = atom_edges(xyz)
    assert np.array_equal(
        np.flatnonzero(near.ravel()), np.repeat(np.arange(len(xyz)), np.diff(start)) * len(xyz) + sender
    )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(5, 80))
def test_rotation_and_translation_change_nothing(gat, seed, n):
    structure = made_structure(n, seed=seed)
    assert close(gat.embed([structure]), gat.embed([moved(structure, seed=seed)]), 1e-4)


def test_the_control_is_not_invariant():
    torch.manual_seed(0)
    cora = build(Gat(encoder="gat", name="gat", weights="cora"))
    assert not close(cora.embed([made_structure()]), cora.embed([moved(made_structure())]), 1e-2)


def test_order_of_atoms_and_of_chains_changes_nothing(encoder):
    structure = made_structure(50, chains=3)
    expected = encoder.embed([structure])
    assert close(expected, encoder.embed([with_atoms_shuffled(structure)]), 1e-4)
    assert close(expected, encoder.embed([with_chains_reversed(structure)]), 1e-4)


def test_a_far_copy_leaves_the_mean_as_it_is(gat):
    structure = made_structure(40)
    assert close(gat.embed([structure]), gat.embed([with_far_copy(structure)]), 1e-4)


def test_a_batch_gives_what_single_proteins_give(encoder):
    structures = [made_structure(n, seed=n) for n in (5, 37, 80)]
    single = torch.cat([encoder.embed([s]) for s in structures])
    assert close(encoder.embed(structures), single)


def test_readout_is_the_mean_over_atoms(encoder):
    structures = [made_structure(n, seed=n) for n in (5, 37)]
    batch = encoder.collate([encoder.featurise(s) for s in structures])
    with torch.no_grad():
        atoms = encoder.atoms(batch["features"], Edges(batch["start"], batch["sender"], batch["receiver"]))
        means = torch.stack([a.mean(0) for a in atoms.split([s.n_atoms for s in structures])])
        residues = encoder(batch)
    assert residues.shape == (42, 64)
    assert close(encoder.readout(residues, batch), means)


@pytest.mark.parametrize("n", [1, 5, 3000])
def test_any_size_is_finite_and_has_64_dimensions(encoder, n):
    embedding = encoder.embed([made_structure(n)])
    assert embedding.shape == (1, 64)
    assert embedding.isfinite().all()


def test_every_parameter_learns(gat):
    batch = gat.collate([gat.featurise(made_structure(30))])
    gat.readout(gat(batch), batch).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in gat.parameters())
    gat.zero_grad()


def test_runs_and_thread_counts_agree(gat):
    structures = [made_structure(300, seed=3)]
    threads = torch.get_num_threads()
    try:
        results = []
        for count in (1, 2, 1):
            torch.set_num_threads(count)
            results.append(gat.embed(structures))
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(results[0], results[2])
    assert close(results[0], results[1])


def test_a_protein_without_atoms_is_rejected(gat):
    nothing = made_structure(5).select(np.zeros(5, dtype=bool))
    with pytest.raises(ProteinRejected, match="no heavy atom"):
        gat.featurise(nothing)


@pytest.mark.slow
def test_sixty_thousand_atoms_need_less_than_two_gibibyte():
    script = textwrap.dedent(
        """
        import numpy as np, resource, torch
        from alignscape.encoders.structure.gat.block import Gat
        from alignscape.encoders.structure.gat.model import build
        from tests.helpers.made_structures import made_structure
        from dataclasses import replace
        made = made_structure(7700)
        side = 79.0 * (made.n_atoms / 25_000) ** (1 / 3)  # as dense as a protein: 0.05 heavy atoms per cubic angstrom
        packed = replace(made, atom_xyz=np.random.default_rng(0).uniform(0, side, (made.n_atoms, 3)).astype(np.float32))
        assert packed.n_atoms > 60_000
        for weights in ("cora", "random"):
            build(Gat(encoder="gat", name="gat", weights=weights)).embed([packed])
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
        """
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(run.stdout) < 2
