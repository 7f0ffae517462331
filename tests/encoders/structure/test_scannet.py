"""ScanNet turns with the protein, keeps proteins apart, and its layers are what their formulas say."""

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from alignscape.encoders.structure.scannet import layers as scannet_layers
from alignscape.encoders.structure.scannet.block import ScanNet as ScanNetConfig
from alignscape.encoders.structure.scannet.chemistry import ATOM_KIND, ATOM_NAMES, KINDS, NO_ATOM, atom_index
from alignscape.encoders.structure.scannet.features import atom_cloud, known_atoms, nearest
from alignscape.encoders.structure.scannet.layers import (
    AttentionPooling,
    GaussianKernel,
    MaskedNorm,
    NeighbourhoodFilters,
    local_frames,
)
from alignscape.encoders.structure.scannet.model import build
from alignscape.encoders.structure.scannet.weights import official_state_dict
from alignscape.errors import ProteinRejected, UserError
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.structure import UNKNOWN
from tests.helpers.made_structures import (
    made_structure,
    moved,
    with_atoms_shuffled,
    with_chains_reversed,
    with_far_copy,
)

DEMO = Path(__file__).parents[3] / "data/demo/structures"


def encoder_with(preprocessing):
    """Random weights, but with attention, and norms that know the scale of what they see: as after training."""
    torch.manual_seed(0)
    encoder = build(
        ScanNetConfig(encoder="scannet", name="scannet", weights="random", preprocessing=preprocessing)
    ).train()
    torch.nn.init.normal_(encoder.pooling.coefficients.weight)
    for module in encoder.modules():
        if isinstance(module, MaskedNorm):
            module.momentum = 1.0
    with torch.no_grad():
        encoder(encoder.collate([encoder.featurise(made_structure(200, chains=2))]))
    return encoder.eval()


@pytest.fixture(scope="module")
def scannet():
    return encoder_with("invariant")


@pytest.fixture(scope="module")
def selenomethionine():
    """1A8O: 70 residues, four of them selenomethionines."""
    return parse_structure(DEMO / "1a8o.pdb.gz", id="1A8O")[0]


def residues(encoder, *structures):
    batch = encoder.collate([encoder.featurise(structure) for structure in structures])
    with torch.inference_mode():
        return encoder(batch)


def close(a, b, tolerance):
    return torch.allclose(a, b, atol=tolerance, rtol=tolerance)


def only_atoms(structure, keep):
    atoms = {n: getattr(structure, n)[keep] for n in ("atom_name", "atom_element", "atom_xyz", "atom_residue")}
    return replace(structure, **atoms)


# --- what the encoder promises ----------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 80))
def test_rotation_and_translation_change_nothing(scannet, seed, n):
    structure = made_structure(n, seed=seed)
    assert close(scannet.embed([structure]), scannet.embed([moved(structure, seed=seed)]), 5e-3)


def test_a_real_entry_may_lie_in_its_file_as_it_likes(scannet, selenomethionine):
    turned = moved(selenomethionine)
    assert close(scannet.embed([selenomethionine]), scannet.embed([turned]), 1e-3)
    original = encoder_with("original")
    assert not close(original.embed([selenomethionine]), original.embed([turned]), 1e-2)


def test_selenium_is_read_as_sulphur(scannet, selenomethionine):
    names = np.where(selenomethionine.atom_name == "SE", "SD", selenomethionine.atom_name)
    assert (names != selenomethionine.atom_name).sum() == 4
    assert torch.equal(scannet.embed([selenomethionine]), scannet.embed([replace(selenomethionine, atom_name=names)]))


def test_a_mirror_image_is_told_apart(scannet):
    structure = made_structure()
    mirrored = replace(structure, atom_xyz=structure.atom_xyz * np.array([1, 1, -1], dtype=np.float32))
    assert not close(scannet.embed([structure]), scannet.embed([mirrored]), 1e-2)


def test_order_of_atoms_in_a_residue_changes_no_bit(scannet, selenomethionine):
    shuffled = with_atoms_shuffled(selenomethionine)
    assert not np.array_equal(shuffled.atom_name, selenomethionine.atom_name)
    assert torch.equal(residues(scannet, selenomethionine), residues(scannet, shuffled))


def test_order_of_chains_changes_nothing(scannet):
    structure = made_structure(90, chains=3)
    reverse = with_chains_reversed(structure)
    assert close(scannet.embed([structure]), scannet.embed([reverse]), 1e-4)
    original = encoder_with("original")
    assert not close(original.embed([structure]), original.embed([reverse]), 1e-4)


@pytest.mark.parametrize("n", [5, 40])
def test_a_far_copy_leaves_the_mean_as_it_is(scannet, n):
    structure = made_structure(n)
    assert close(scannet.embed([structure]), scannet.embed([with_far_copy(structure)]), 5e-3)


def test_a_batch_gives_what_single_proteins_give(scannet):
    structures = [made_structure(n, seed=n) for n in (5, 37, 80)]  # all of them around the origin
    together = residues(scannet, *structures)
    alone = torch.cat([residues(scannet, structure) for structure in structures])
    assert close(together, alone, 1e-5)
    assert close(scannet.embed(structures), torch.cat([scannet.embed([s]) for s in structures]), 1e-5)


def test_three_thousand_residues_and_any_chunk_size(scannet, monkeypatch):
    structure = made_structure(3000, chains=6)
    expected = residues(scannet, structure)
    assert expected.shape == (3000, 128)
    assert torch.isfinite(expected).all()
    monkeypatch.setitem(scannet_layers.POINTS_AT_ONCE, "cpu", 10**6)
    assert close(residues(scannet, structure), expected, 1e-5)


def test_runs_and_thread_counts_agree(scannet):
    structure, before = made_structure(150), torch.get_num_threads()
    expected = residues(scannet, structure)
    assert torch.equal(residues(scannet, structure), expected)
    try:
        torch.set_num_threads(3 - min(before, 2))
        assert close(residues(scannet, structure), expected, 1e-5)
    finally:
        torch.set_num_threads(before)


# --- odd proteins -----------------------------------------------------------------------------------------

ODD = {
    "no side chains": lambda s: only_atoms(s, np.isin(s.atom_name, ("N", "CA", "C", "O"))),
    "C-alphas alone": lambda s: only_atoms(s, s.atom_name == "CA"),
    "no C-alphas": lambda s: only_atoms(s, s.atom_name != "CA"),
    "every other residue a lone nitrogen": lambda s: only_atoms(s, (s.atom_residue % 2 == 0) | (s.atom_name == "N")),
    "all glycine": lambda s: replace(s, residue_type=np.full_like(s.residue_type, 5)),
    "all unknown": lambda s: replace(s, residue_type=np.full_like(s.residue_type, UNKNOWN)),
    "no atom of a known name": lambda s: replace(s, atom_name=np.full_like(s.atom_name, "XX")),
    "all atoms in one place": lambda s: replace(s, atom_xyz=np.zeros_like(s.atom_xyz)),
    "one residue": lambda s: s.select(np.arange(s.n_residues) == 3),
    "a residue a chain": lambda s: replace(s, residue_chain=np.arange(s.n_residues, dtype=np.int32)),
}


@pytest.mark.parametrize("preprocessing", ["invariant", "original"])
@pytest.mark.parametrize("oddity", ODD)
def test_odd_proteins_give_finite_rows(preprocessing, oddity):
    structure = ODD[oddity](made_structure(20, chains=2))
    rows = residues(encoder_with(preprocessing), structure)
    assert rows.shape == (structure.n_residues, 128)
    assert torch.isfinite(rows).all()


@pytest.mark.parametrize("oddity", [o for o in ODD if o != "all atoms in one place"])
def test_odd_proteins_turn_too(scannet, oddity):
    structure = ODD[oddity](made_structure(20, chains=2))
    assert close(residues(scannet, structure), residues(scannet, moved(structure)), 5e-3)


def test_a_protein_without_residues_is_rejected(scannet):
    empty = made_structure(5).select(np.zeros(5, dtype=bool))
    with pytest.raises(ProteinRejected, match="no residues"):
        scannet.featurise(empty)


# --- training ---------------------------------------------------------------------------------------------


def test_every_weight_gets_a_gradient():
    torch.manual_seed(0)
    encoder = build(ScanNetConfig(encoder="scannet", name="scannet", weights="random")).train()
    batch = encoder.collate([encoder.featurise(made_structure(60, seed=seed)) for seed in (0, 1)])
    (encoder(batch) * torch.randn(128)).sum().backward()
    for name, weight in encoder.named_parameters():
        assert torch.isfinite(weight.grad).all(), name
        assert weight.grad.abs().max() > 0, name


def test_a_few_steps_learn_residue_types_from_the_backbone():
    """Types are hidden; the network can only tell them by side chains that it still sees."""
    torch.manual_seed(0)
    encoder = build(ScanNetConfig(encoder="scannet", name="scannet", weights="random")).train()
    structure = made_structure(120)
    batch = encoder.collate([encoder.featurise(structure)])
    batch["residue_type"] = torch.full_like(batch["residue_type"], UNKNOWN)
    head = torch.nn.Linear(128, 20)
    optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=1e-2)
    target = torch.from_numpy(structure.residue_type.astype(np.int64))
    losses = []
    for _ in range(30):
        loss = torch.nn.functional.cross_entropy(head(encoder(batch)), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_norm_trains_on_batches_and_evaluates_on_running_averages():
    x, keep = 3 + 2 * torch.randn(500, 4), torch.arange(500) % 5 > 0
    norm = MaskedNorm(4, momentum=1.0).train()
    trained = norm(x, keep)
    assert torch.allclose(trained[keep].mean(0), torch.zeros(4), atol=1e-5)
    assert torch.allclose(trained[keep].var(0, unbiased=False), torch.ones(4), atol=1e-3)
    assert torch.allclose(norm.mean, x[keep].mean(0), atol=1e-5)
    assert torch.allclose(norm.variance, x[keep].var(0), atol=1e-4)
    reference = torch.nn.functional.batch_norm(x, norm.mean, norm.variance, bias=norm.shift, eps=1e-3)
    assert torch.allclose(norm.eval()(x), reference, atol=1e-5)
    assert torch.allclose(norm(x[:1]), reference[:1], atol=1e-5)


# --- layers and tables against plain loops ----------------------------------------------------------------


def test_frames_are_right_handed_and_orthonormal():
    points = torch.randn(50, 3, 3)
    frames = local_frames(points)
    assert torch.allclose(frames @ frames.transpose(1, 2), torch.eye(3).expand(50, 3, 3), atol=1e-5)
    assert torch.allclose(torch.linalg.det(frames), torch.ones(50), atol=1e-5)
    before, after = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
    assert torch.allclose((frames[:, 2] * after).sum(1), after.norm(dim=1), atol=1e-5)  # z along `after`
    assert (frames[:, 1] * before).sum(1).abs().max() < 1e-4  # `before` in the xz plane
    assert ((frames[:, 0] * before).sum(1) > 0).all()


def test_gaussians_are_normal_densities_scaled_to_one():
    kernel = GaussianKernel(8, radius=4.0)
    torch.nn.init.normal_(kernel.sqrt_precision, std=0.3)
    x = torch.randn(7, 5, 3)
    activity = kernel(x)
    for g in range(8):
        root = kernel.sqrt_precision[:, :, g]
        offset = x - kernel.centres[:, g]
        mahalanobis = torch.einsum("...i,ij,...j", offset, root.T @ root, offset)
        assert torch.allclose(activity[..., g], torch.exp(-mahalanobis / 2), atol=1e-5)


def test_gaussians_start_inside_the_neighbourhood():
    kernel = GaussianKernel(32, radius=5.0)
    distance = kernel.centres.norm(dim=0)
    assert distance[0] == 0
    assert distance.max() <= 5.0
    assert kernel(torch.randn(1000, 3)).amax(dim=1).min() > 0.05  # none near the middle is out of every kernel's sight


def test_filters_equal_a_loop_over_neighbours():
    filters = NeighbourhoodFilters(6, 9, gaussians=4, radius=3.0)
    points, attributes = torch.randn(10, 3, 3), torch.randn(10, 6)
    neighbour = torch.stack([torch.randperm(10)[:5] for _ in range(10)])
    neighbour[3, 2:] = -1
    expected, frames = torch.zeros(10, 9), local_frames(points)
    for i in range(10):
        for k in neighbour[i][neighbour[i] >= 0].tolist():
            gaussian = filters.kernel(frames[i] @ (points[k, 0] - points[i, 0]))
            expected[i] += torch.einsum("g,a,gaf->f", gaussian, attributes[k], filters.weight[:, :-1])
            expected[i] += gaussian @ filters.weight[:, -1]
    assert torch.allclose(filters(points, neighbour, attributes), expected, atol=1e-4)


def test_pooling_is_a_softmax_over_the_residues_own_atoms():
    pooling = AttentionPooling(6, 4, epsilon=1e-12)
    torch.nn.init.normal_(pooling.coefficients.weight)
    filters, atoms = torch.randn(7, 6), torch.tensor([[0, 1, 2, 3], [3, 4, -1, -1], [5, 6, 0, -1], [1, 2, -1, -1]])
    n_own = torch.tensor([3, 2, 2, 0])
    pooled = pooling(filters, atoms, n_own)
    for residue in range(4):
        own = atoms[residue, : n_own[residue]]
        weight = pooling.coefficients(filters[own]).softmax(dim=0)
        assert torch.allclose(pooled[residue], (weight * pooling.features(filters[own])).sum(0), atol=1e-4)


@pytest.mark.parametrize("n", [1, 7, 16, 200])
def test_nearest_equals_sorting_all_distances(n):
    xyz = np.random.default_rng(n).normal(0, 10, (n, 3)).astype(np.float32)
    expected = np.argsort(np.linalg.norm(xyz[:, None] - xyz[None], axis=2), axis=1)[:, :16]
    found = nearest(xyz)
    assert np.array_equal(np.sort(found[:, : min(n, 16)]), np.sort(expected))
    assert (found[:, 0] == np.arange(n)).all()
    assert (found[:, min(n, 16) :] == -1).all()


def test_every_atom_of_a_real_residue_is_known_and_bonded_to_its_frame():
    """Over a real entry: all heavy atoms but foreign ones have a kind, whose element is theirs, and bonds are short."""
    structure = parse_structure(DEMO / "1a0q.pdb.gz", id="1A0Q")[0]
    atoms = known_atoms(structure, preprocessing="invariant")
    assert len(atoms.xyz) == structure.n_atoms
    elements = np.array([KINDS[kind][0] for kind in atoms.kind])
    assert (elements == [ATOM_NAMES[name][0] for name in atoms.name])[atoms.name != atom_index(np.array(["NE2"]))].all()
    cloud = atom_cloud(atoms, structure, preprocessing="invariant")
    for point in (cloud.before, cloud.after):
        length = np.linalg.norm(point - cloud.xyz, axis=1)
        assert ((length > 1.1) & (length < 2.0)).mean() > 0.99  # all but those at gaps in the chain


def test_kinds_count_the_atoms_of_the_twenty_residues():
    """Numbers of heavy atoms by residue type, terminal oxygen included."""
    expected = [6, 7, 9, 10, 12, 5, 11, 9, 10, 9, 9, 9, 8, 10, 12, 7, 8, 8, 15, 13, 6]
    assert (ATOM_KIND >= 0).sum(axis=1).tolist() == expected


def test_names_are_found_by_whole_words():
    names = np.array(["CA", "OT1", "OXT", "", "CAX", "Ca", "SE", "H"], dtype="<U4")
    found = [ATOM_NAMES[i] if i < NO_ATOM else None for i in atom_index(names)]
    assert found == ["CA", "O", "OXT", None, None, None, "SE", None]


# --- the published file's format --------------------------------------------------------------------------


def write_keras(path, arrays):
    with h5py.File(path, "w") as file:
        for (layer, name), array in arrays.items():
            file[f"{layer}/{layer}/{name}:0"] = array


def made_weights():
    """A network of random numbers under the published file's names and shapes."""
    generator = np.random.default_rng(0)
    shapes = {}
    for scale, attributes in (("atom", 12), ("aa", 96)):
        shapes[f"embedded_local_coordinates_{scale}", "centers"] = (3, 32)
        shapes[f"embedded_local_coordinates_{scale}", "sqrt_precision"] = (3, 3, 32)
        shapes[f"SCAN_filter_input_{scale}", "kernel12"] = (32, attributes, 128)
        shapes[f"SCAN_filter_input_{scale}", "kernel1"] = (32, 128)
    norms = {
        "SCAN_filter_activity_atom": 128,
        "SCAN_filters_atom_aggregated_activity": 64,
        "embedded_attributes_aa": 32,
        "SCAN_filter_activity_aa": 128,
    }
    for layer, width in norms.items():
        shapes |= {(f"{layer}_normalization", n): (width,) for n in ("beta", "moving_mean", "moving_variance")}
    shapes["attention_pooling_coefficients_atom", "kernel"] = (128, 64)
    shapes["attention_pooling_features_atom", "kernel"] = (128, 64)
    shapes["embedded_attributes_aa_projection", "kernel"] = (20, 32)
    arrays = {key: generator.random(shape, dtype=np.float32) for key, shape in shapes.items()}
    one_hot = np.vstack([np.zeros(12), np.sqrt(12) * np.eye(12)]).astype(np.float32)
    return arrays | {("embedded_attributes_atom", "embeddings"): one_hot}


def test_a_file_of_the_published_format_loads(tmp_path):
    arrays = made_weights()
    write_keras(tmp_path / "w.h5", arrays)
    encoder = encoder_with("invariant")
    encoder.load_state_dict(official_state_dict(tmp_path / "w.h5"))
    assert np.array_equal(
        encoder.type_projection.weight.detach().T, arrays["embedded_attributes_aa_projection", "kernel"]
    )
    assert np.array_equal(encoder.atom_filters.weight[:, -1].detach(), arrays["SCAN_filter_input_atom", "kernel1"])
    assert np.array_equal(
        encoder.residue_norm.variance, arrays["SCAN_filter_activity_aa_normalization", "moving_variance"]
    )


def test_a_missing_array_is_named(tmp_path):
    arrays = made_weights()
    del arrays["SCAN_filter_input_aa", "kernel1"]
    write_keras(tmp_path / "w.h5", arrays)
    with pytest.raises(UserError, match=r"w\.h5: no array 'SCAN_filter_input_aa/SCAN_filter_input_aa/kernel1:0'"):
        official_state_dict(tmp_path / "w.h5")


def test_another_networks_atom_attributes_are_refused(tmp_path):
    arrays = made_weights()
    arrays["embedded_attributes_atom", "embeddings"] = np.zeros((5, 4), dtype=np.float32)
    write_keras(tmp_path / "w.h5", arrays)
    with pytest.raises(UserError, match="atom attributes are not one-hot"):
        official_state_dict(tmp_path / "w.h5")


def test_a_file_that_is_no_hdf5_is_refused(tmp_path):
    (tmp_path / "w.h5").write_text("<html>not found</html>")
    with pytest.raises(UserError, match=r"w\.h5: not a readable HDF5 file"):
        official_state_dict(tmp_path / "w.h5")


@pytest.mark.parametrize("odd", ["link", "group", "text", "large"])
def test_an_odd_thing_in_an_arrays_place_is_one_line(tmp_path, odd):
    """A link to another file is not followed, and nothing of an absurd size is read."""
    name = "embedded_attributes_atom/embedded_attributes_atom/embeddings:0"
    write_keras(tmp_path / "other.h5", made_weights())
    with h5py.File(tmp_path / "odd.h5", "w") as file:
        if odd == "link":
            file[name] = h5py.ExternalLink("other.h5", name)
        elif odd == "group":
            file.create_group(name)
        elif odd == "text":
            file[name] = "words"
        else:
            file.create_dataset(name, shape=(2**36,), dtype="f4", chunks=(2**20,))
    with pytest.raises(UserError, match=r"odd\.h5: .*embeddings:0' is (a link|no array of numbers)"):
        official_state_dict(tmp_path / "odd.h5")
