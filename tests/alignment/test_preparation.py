"""Preparation of embeddings: references of numpy and scikit-learn, and steps folded into a layer change no output."""

import numpy as np
import pytest
import torch
from sklearn.preprocessing import StandardScaler

from alignscape.alignment.preparation import folded, prepared, principal_components, standardisation
from alignscape.compute.stacked_linear import StackedLinear


def made(n: int, d: int) -> torch.Tensor:
    return 3 * torch.randn(n, d, generator=torch.Generator().manual_seed(0)) + 5


@pytest.mark.parametrize("shape", [(30, 8), (8, 30)])
def test_components_equal_numpy_s_singular_vectors(shape):
    rows = made(*shape)
    found = principal_components(rows, 5)
    centred = rows.double().numpy() - rows.double().numpy().mean(axis=0)
    reference = np.linalg.svd(centred, full_matrices=False)[2][:5]
    assert np.abs(np.sum(found.directions.T.numpy() * reference, axis=1)) == pytest.approx(np.ones(5), abs=1e-5)
    assert found.apply(rows).mean(dim=0) == pytest.approx(np.zeros(5), abs=1e-4)


def test_more_components_than_there_are_is_an_error():
    with pytest.raises(ValueError, match="asked for 9"):
        principal_components(made(9, 20), 9)


def test_standardised_rows_equal_scikit_learn_s_and_a_constant_becomes_zero():
    rows = made(30, 8)
    reference = StandardScaler().fit_transform(rows.double().numpy())
    assert standardisation(rows).apply(rows).numpy() == pytest.approx(reference, abs=1e-5)
    rows[:, 3] = 1e3
    assert torch.all(standardisation(rows).apply(rows + 1)[:, 3] == 0)


def test_steps_folded_into_a_layer_change_no_output():
    rows = made(30, 8)
    standard = standardisation(rows)
    steps = [standard, principal_components(standard.apply(rows), 4)]
    layer = StackedLinear(torch.randn(2, 5, 4), torch.randn(2, 1, 5))
    expected = layer.forward(prepared(rows, steps)[None].expand(2, -1, -1))
    assert torch.allclose(folded(layer, steps).forward(rows[None].expand(2, -1, -1)), expected, atol=1e-4)
    assert folded(layer, []) is layer
