"""Scores in tiles are those of the whole matrix, in float64 and where products are in float32, in memory linear in n."""

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from alignscape.alignment import tiles
from alignscape.alignment.infonce import info_nce, loss_of_all
from alignscape.alignment.retrieval import TIE
from alignscape.alignment.score import (
    effective_rank,
    permuted_scores,
    protein_scores,
    random_permutations,
    similarity,
)
from alignscape.alignment.tiles import scores_of

N, D = 700, 24


def unit(rows):
    return torch.nn.functional.normalize(rows, dim=-1)


def made(kind, n=N, d=D):
    """Unit rows of structures and texts: unlike, alike, with every text twice, or all at one point."""
    generator = torch.Generator().manual_seed(5)
    structure, text = torch.randn(2, n, d, generator=generator)
    if kind == "alike":
        structure = structure + 2 * text
    if kind == "twins":
        text[1::2] = text[::2][: n // 2]
    if kind == "one point":
        structure, text = (torch.ones(n, d) + 1e-6 * rows for rows in (structure, text))
    return unit(structure), unit(text)


KINDS = ("unlike", "alike", "twins", "one point")


@pytest.fixture(autouse=True)
def _small_tiles(monkeypatch):
    """Tiles of 64 rows, texts by 128 and single products by 40, so that all ends are met."""
    monkeypatch.setattr(tiles, "_LEAST_ROWS", 64)
    monkeypatch.setattr(tiles, "_AT_ONCE", {"cpu": 1})
    monkeypatch.setattr(tiles, "_COLUMNS", 128)
    monkeypatch.setattr(tiles, "_NUMBERS", 40 * D)


@pytest.mark.parametrize("kind", KINDS)
def test_tiles_give_the_scores_of_the_whole(kind):
    rows, orders = made(kind), random_permutations(N, 50, np.random.default_rng(1))
    found, s = scores_of(*rows, ranked=True, permutations=orders), similarity(*rows)
    expected = vars(protein_scores(s))
    assert found.by_protein.keys() == expected.keys()
    for name, values in expected.items():
        exact = name.startswith(("rank", "ties"))
        assert np.abs(found.by_protein[name] - values).max() <= (0 if exact else 1e-12), name
    assert np.abs(found.permuted - permuted_scores(s, orders)).max() < 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_products_in_float32_decide_the_same_ranks(kind):
    """Where float32 might decide otherwise, which with twins and points it does, float64 decides."""
    rows, orders = made(kind), random_permutations(N, 50, np.random.default_rng(1))
    exact, found = (
        scores_of(*rows, ranked=True, permutations=orders, products=kind) for kind in (torch.float64, torch.float32)
    )
    for name, values in exact.by_protein.items():
        allowed = 0 if name.startswith(("rank", "ties")) else 1e-7
        assert np.abs(found.by_protein[name] - values).max() <= allowed, name
    assert np.abs(found.permuted - exact.permuted).max() < 1e-7


def test_float32_alone_would_decide_other_ranks():
    structure, text = made("one point")
    s, exact = structure @ text.T, protein_scores(similarity(structure, text))
    higher = (s > s.diagonal()[:, None] + TIE).sum(dim=1).numpy()
    assert (higher != exact.rank_of_text - 1 - exact.ties_of_text / 2).any()


def test_without_ranks_there_are_only_scores():
    found = scores_of(*made("alike"), ranked=False)
    assert set(found.by_protein) == {
        "score", "negative", "negative_signed", "negative_of_text", "negative_signed_of_text"
    }  # fmt: skip
    assert len(found.permuted) == 0


def test_one_protein_has_no_negative():
    with pytest.raises(ValueError, match="at least two proteins, found 1"):
        scores_of(*made("alike", 1), ranked=False)


class Largest(TorchFunctionMode):
    """Remembers the largest tensor that any operation returns."""

    numbers = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for tensor in out if isinstance(out, (tuple, list)) else (out,):
            if isinstance(tensor, torch.Tensor):
                self.numbers = max(self.numbers, tensor.numel())
        return out


def test_no_tensor_is_of_the_order_of_n_squared():
    sizes = []
    for n in (400, 1600):
        rows, orders = made("alike", n), random_permutations(n, 20, np.random.default_rng(1))
        with Largest() as largest:
            scores_of(*rows, ranked=True, permutations=orders)
            effective_rank(rows[0])
        sizes.append(largest.numbers)
    assert sizes[1] <= 4 * sizes[0] < 1600 * 1600 / 4


def test_the_loss_of_all_is_that_of_one_batch(monkeypatch):
    structure, text = made("alike")
    whole = float(info_nce(structure @ text.T, temperature=0.2))
    assert loss_of_all(structure, text, temperature=0.2) == whole
    monkeypatch.setattr("alignscape.alignment.infonce._AT_ONCE", 33 * N)
    assert loss_of_all(structure, text, temperature=0.2) == pytest.approx(whole, rel=1e-6)


def test_an_effective_rank_of_many_rows_is_that_of_one_product(monkeypatch):
    rows = made("unlike")[0]
    whole = effective_rank(rows)
    monkeypatch.setattr("alignscape.alignment.score._LEAST_ROWS", 50)
    assert effective_rank(rows) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize(("capability", "fast"), [((8, 0), True), ((9, 0), True), ((8, 6), False), ((12, 0), False)])
def test_cards_that_are_slow_in_float64_are_known(monkeypatch, capability, fast):
    from alignscape.compute.device import fast_in_double

    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert fast_in_double(torch.device("cuda")) is fast
    assert fast_in_double(torch.device("cpu"))
