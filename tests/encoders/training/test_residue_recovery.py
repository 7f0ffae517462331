"""A hidden residue is hidden: nothing that an encoder is given depends on its type or its side chain."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from alignscape.config.encoders import Pretraining
from alignscape.encoders.structure.gat.block import Gat
from alignscape.encoders.structure.gvp.block import Gvp
from alignscape.encoders.structure.scannet.block import ScanNet
from alignscape.encoders.structure.weights import initialise
from alignscape.encoders.training.residue_recovery import ResidueRecovery, hide
from tests.helpers.made_proteins import made_structure

ENCODERS = [Gat(encoder="gat", name="gat"), Gvp(encoder="gvp", name="gvp"), ScanNet(encoder="scannet", name="scannet")]


def every(n, structure):
    return np.arange(structure.n_residues) % n == 0


def task_of(block, structures, **settings):
    return ResidueRecovery(initialise(block, 0), Pretraining(batch_size=1, **settings), structures)


def test_a_hidden_residue_keeps_its_backbone_only():
    structure = made_structure(30)
    mask = every(3, structure)
    hidden = hide(structure, mask)
    of_masked = mask[hidden.atom_residue]
    assert set(hidden.atom_name[of_masked]) == {"N", "CA", "C", "O"}
    assert (hidden.residue_type == np.where(mask, 20, structure.residue_type)).all()
    assert set(hidden.residue_name[mask]) == {"UNK"}
    kept = ~mask[structure.atom_residue]
    assert np.array_equal(hidden.atom_xyz[~of_masked], structure.atom_xyz[kept])
    assert structure.n_atoms == len(structure.atom_name)  # the original is as it was


@pytest.mark.parametrize("block", ENCODERS, ids=lambda block: block.name)
def test_the_prediction_does_not_depend_on_what_is_hidden(block):
    """Other types and other side chains at the hidden residues: the same logits."""
    structure = made_structure(40)
    mask = every(4, structure)
    other = replace(
        structure,
        residue_type=np.where(mask, (structure.residue_type + 7) % 20, structure.residue_type).astype(np.int8),
        residue_name=np.where(mask, "TRP", structure.residue_name),
        atom_xyz=structure.atom_xyz
        + np.float32(0.7)
        * (mask[structure.atom_residue] & ~np.isin(structure.atom_name, ("N", "CA", "C", "O")))[:, None],
    )
    task = task_of(block, [structure]).eval()
    torch.nn.init.normal_(task.head[1].weight)
    with torch.no_grad():
        logits, types = task._masked_logits(task._hidden([structure], [mask]))
        logits_of_other, types_of_other = task._masked_logits(task._hidden([other], [mask]))
    assert torch.equal(logits, logits_of_other)
    assert not torch.equal(types, types_of_other)
    assert types.tolist() == structure.residue_type[mask].tolist()


@pytest.mark.parametrize("block", ENCODERS, ids=lambda block: block.name)
def test_an_untrained_head_is_the_composition_baseline(block):
    structures = [made_structure(40, seed=s) for s in range(2)]
    measures = task_of(block, structures).eval().measure(structures, np.random.default_rng(0))
    assert measures["residues"] == 80
    assert measures["perplexity"] == pytest.approx(measures["composition_perplexity"], rel=1e-5)
    assert measures["accuracy"] == measures["majority_accuracy"]
    assert measures["gain_in_nats"] == pytest.approx(0, abs=1e-5)


def test_baselines_equal_a_plain_count():
    structures = [made_structure(40, seed=s) for s in range(3)]
    counts = np.bincount(np.concatenate([s.residue_type for s in structures[:2]]), minlength=20) + 1
    share = counts / counts.sum()
    measures = task_of(ENCODERS[0], structures[:2]).eval().measure(structures[2:], np.random.default_rng(0))
    types = structures[2].residue_type
    assert measures["composition_perplexity"] == pytest.approx(np.exp(-np.log(share[types]).mean()))
    assert measures["majority_accuracy"] == pytest.approx((types == share.argmax()).mean())


def test_stretches_hold_every_residue_once_and_none_is_too_long():
    structures = [made_structure(n, seed=n, id=str(n)) for n in (23, 70, 5)]
    parts = task_of(ENCODERS[1], structures, truncate=20).examples(structures, np.random.default_rng(3))
    assert max(part.n_residues for part in parts) <= 20
    residues = [(part.id, int(number)) for part in parts for number in part.residue_number]
    assert len(residues) == len(set(residues))
    assert 98 - 2 * 4 <= len(residues) <= 98  # ends of fewer than three residues are left out


def test_residues_of_unknown_type_are_neither_masked_nor_measured():
    structure = made_structure(40)
    unknown = replace(structure, residue_type=np.where(every(2, structure), 20, structure.residue_type).astype(np.int8))
    task = task_of(ENCODERS[1], [unknown], mask_fraction=0.9)
    mask = task._draw_mask(unknown, np.random.default_rng(0))
    assert (unknown.residue_type[mask] != 20).all()
    assert mask.sum() == 18
    assert task.eval().measure([unknown], np.random.default_rng(0))["residues"] == 20
