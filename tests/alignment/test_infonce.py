"""The loss equals the paper's formula written as a plain loop, and its options do what they are called."""

import math

import pytest
import torch

from alignscape.alignment.infonce import cosines, info_nce, same_group


def random_similarity(b: int, *, seed: int = 0, d: int = 8) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return cosines(*torch.randn(2, b, d, generator=generator, dtype=torch.float64))


def plain_loss(similarity, tau, negatives=lambda i, j: True):
    """The formula of the paper, a loop over items, nothing cancelled."""
    total = 0.0
    for i in range(len(similarity)):
        s = [(value + 1) / 2 for value in similarity[i].tolist()]
        below = sum(math.exp(s[j] / tau) for j in range(len(s)) if i == j or negatives(i, j))
        total -= math.log(math.exp(s[i] / tau) / below)
    return total / len(similarity)


def test_equals_the_formula_in_a_plain_loop():
    similarity = random_similarity(17)
    assert info_nce(similarity, temperature=0.2).item() == pytest.approx(plain_loss(similarity, 0.2), rel=1e-12)


def test_equals_cross_entropy_of_half_the_similarity_over_tau():
    similarity = random_similarity(32)
    reference = torch.nn.functional.cross_entropy(similarity / 0.4, torch.arange(32))
    assert info_nce(similarity, temperature=0.2).item() == pytest.approx(reference.item(), rel=1e-12)


def test_chance_is_ln_b_and_the_floor_at_32_is_the_paper_s():
    assert info_nce(torch.zeros(32, 32), temperature=0.2).item() == pytest.approx(math.log(32), rel=1e-6)
    simplex = (32 * torch.eye(32) - 1) / 31  # matched at 1, all others as far apart as 32 directions can be
    assert info_nce(simplex, temperature=0.2).item() == pytest.approx(1.2082, abs=5e-5)


def test_a_stack_gives_every_model_its_own_loss_and_temperature():
    stack = torch.stack([random_similarity(9, seed=s) for s in range(3)])
    taus = torch.tensor([0.1, 0.2, 0.7], dtype=torch.float64)
    expected = [plain_loss(s, float(t)) for s, t in zip(stack, taus, strict=True)]
    assert info_nce(stack, temperature=taus).tolist() == pytest.approx(expected, rel=1e-12)


def test_symmetric_is_the_mean_of_both_directions():
    similarity = random_similarity(11)
    expected = (plain_loss(similarity, 0.2) + plain_loss(similarity.T, 0.2)) / 2
    assert info_nce(similarity, temperature=0.2, direction="symmetric").item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("direction", ["structure_to_text", "symmetric"])
def test_duplicates_are_no_negatives_of_each_other(direction):
    similarity, groups = random_similarity(10), torch.tensor([0, 0, 1, 2, 2, 2, 3, 4, 5, 6])
    found = info_nce(similarity, temperature=0.2, direction=direction, excluded=same_group(groups)).item()

    def fair(i, j):
        return groups[i] != groups[j]

    expected = plain_loss(similarity, 0.2, fair)
    if direction == "symmetric":
        expected = (expected + plain_loss(similarity.T, 0.2, fair)) / 2
    assert found == pytest.approx(expected, rel=1e-12)


def test_padding_neither_counts_nor_is_a_negative_and_gets_no_gradient():
    similarity = random_similarity(12).requires_grad_()
    present = torch.arange(12) < 7
    loss = info_nce(similarity, temperature=0.2, present=present)
    assert loss.item() == pytest.approx(plain_loss(similarity[:7, :7], 0.2), rel=1e-12)
    loss.backward()
    assert torch.all(similarity.grad[7:] == 0)
    assert torch.all(similarity.grad[:, 7:] == 0)


def test_cosines_and_their_gradients_equal_those_of_normalised_rows():
    rows = torch.randn(2, 3, 9, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    a, b = rows[0].clone().requires_grad_(), rows[1].clone().requires_grad_()
    c, d = rows[0].clone().requires_grad_(), rows[1].clone().requires_grad_()
    normalise = torch.nn.functional.normalize
    found, expected = cosines(a, b), normalise(c, dim=-1) @ normalise(d, dim=-1).transpose(-1, -2)
    assert torch.allclose(found, expected)
    info_nce(found, temperature=0.2).sum().backward()
    info_nce(expected, temperature=0.2).sum().backward()
    assert torch.allclose(a.grad, c.grad)
    assert torch.allclose(b.grad, d.grad)
