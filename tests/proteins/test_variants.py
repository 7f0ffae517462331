"""The same protein put otherwise, against the helpers of the encoders' tests and against what must not change."""

from dataclasses import fields

import numpy as np
import pytest

from alignscape.proteins import variants
from alignscape.proteins.structure import Structure
from tests.helpers.made_structures import made_structure, with_chains_reversed

PROTEIN = made_structure(50, chains=3, seed=4)


def distances(structure: Structure) -> np.ndarray:
    """(a, a) between all atoms."""
    xyz = structure.atom_xyz.astype(np.float64)
    return np.linalg.norm(xyz[:, None] - xyz[None], axis=-1)


def hand(structure: Structure) -> np.ndarray:
    """(r - 3,) the sign of the volume of four C-alphas in a row."""
    a, b, c = (np.diff(structure.ca.astype(np.float64), axis=0)[i : len(structure.ca) - 3 + i] for i in range(3))
    return np.sign(np.einsum("ij,ij->i", a, np.cross(b, c)))


@pytest.mark.parametrize("change", [variants.rotated, variants.shifted, variants.mirrored])
def test_moving_keeps_every_distance_and_only_the_mirror_changes_the_hand(change) -> None:
    other = change(PROTEIN)
    np.testing.assert_allclose(distances(other), distances(PROTEIN), atol=1e-4)
    assert np.abs(other.atom_xyz - PROTEIN.atom_xyz).max() > 1
    np.testing.assert_array_equal(hand(other), hand(PROTEIN) * (-1 if change is variants.mirrored else 1))


def test_atoms_in_another_order_are_the_same_atoms_of_the_same_residues() -> None:
    other = variants.with_atoms_reordered(PROTEIN)
    assert not np.array_equal(other.atom_name, PROTEIN.atom_name)
    np.testing.assert_array_equal(other.atom_residue, PROTEIN.atom_residue)
    np.testing.assert_array_equal(other.backbone, PROTEIN.backbone)
    atoms = [sorted(zip(s.atom_residue, s.atom_name, map(tuple, s.atom_xyz), strict=True)) for s in (other, PROTEIN)]
    assert atoms[0] == atoms[1]


def test_chains_are_reversed_as_the_tests_reverse_them() -> None:
    other, expected = variants.with_chains_reversed(PROTEIN), with_chains_reversed(PROTEIN)
    for field in fields(Structure):
        np.testing.assert_array_equal(getattr(other, field.name), getattr(expected, field.name), err_msg=field.name)
    assert other.chain_label.tolist() == PROTEIN.chain_label[::-1].tolist()


def test_the_first_whole_residues_of_each_chain_are_taken() -> None:
    whole = PROTEIN.atom_name != "O"
    whole |= PROTEIN.atom_residue != 1  # the second residue loses an atom
    damaged = Structure(**{f.name: getattr(PROTEIN, f.name)[whole] if f.name.startswith("atom_") else getattr(PROTEIN, f.name) for f in fields(Structure)})  # fmt: skip
    cut = variants.first_residues(damaged, 3)
    starts = [int(np.argmax(PROTEIN.residue_chain == chain)) + 1 for chain in range(3)]
    first, second, third = ([s, s + 1, s + 2] for s in starts)
    assert cut.residue_number.tolist() == [first[0], first[2], first[2] + 1, *second, *third]


def test_proteins_side_by_side_are_one_of_as_many_residues_as_asked() -> None:
    other = made_structure(20, seed=2)
    large = variants.side_by_side([PROTEIN, other], 130, id="LARGE")
    assert (large.id, large.n_residues) == ("LARGE", 130)
    np.testing.assert_array_equal(large.residue_chain[:70], [*PROTEIN.residue_chain, *[3] * 20])
    assert large.residue_chain[-1] == large.residue_chain.max() == 7  # three, one, three again, and one of ten residues
    np.testing.assert_array_equal(large.residue_type[70:120], PROTEIN.residue_type)
    second = large.select(np.arange(130) // 70 == 1)
    np.testing.assert_allclose(
        second.backbone[:50] - PROTEIN.backbone, np.broadcast_to([120, 0, 0], (50, 4, 3)), atol=1e-4
    )
    assert (np.diff(large.atom_residue) >= 0).all()
