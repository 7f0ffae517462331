"""The baseline is the composition and the counts, and nothing of the geometry."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from alignscape.encoders.structure.composition.model import COUNTS, Composition
from alignscape.errors import ProteinRejected
from tests.helpers.made_structures import made_structure, moved, with_atoms_shuffled, with_chains_reversed


def test_rows_are_fractions_and_logarithms_of_counts() -> None:
    structure = made_structure(70, chains=3)
    types = structure.residue_type.copy()
    types[:7] = 20
    structure = replace(structure, residue_type=types, chain_entity=np.array([1, 1, 2]))
    row = Composition().embed([structure])[0].numpy()
    fractions = [20 * (types == t).mean() for t in range(21)]
    counts = np.log([0.70, 3, 2, 0.24, 0.23])
    assert len(row) == len(fractions) + len(COUNTS)
    np.testing.assert_allclose(row, [*fractions, *counts], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("change", [moved, with_atoms_shuffled, with_chains_reversed])
def test_geometry_and_order_do_not_matter(change: object) -> None:
    structure, encoder = made_structure(50, chains=2), Composition()
    torch.testing.assert_close(encoder.embed([change(structure)]), encoder.embed([structure]))


def test_batch_equals_single() -> None:
    made, encoder = [made_structure(n, seed=n) for n in (5, 60)], Composition()
    torch.testing.assert_close(encoder.embed(made), torch.cat([encoder.embed([s]) for s in made]))


def test_a_protein_without_residues_is_refused() -> None:
    with pytest.raises(ProteinRejected, match="no observed residue"):
        Composition().featurise(made_structure(3).select(np.zeros(3, dtype=bool)))
