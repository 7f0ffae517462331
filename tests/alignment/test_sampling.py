"""Sampling by cluster: every family as often as another, its members in turn, and the same batches after a restart."""

import numpy as np
import pytest
import torch

from alignscape.alignment.heads import HeadShape
from alignscape.alignment.sampling import epoch_order, sampling_families
from alignscape.alignment.split import Run
from alignscape.alignment.train import Job, batch_tables, train_heads
from alignscape.config.study import Alignment, Variant

SIZES = [40, 12, 6, 3, 2, *[1] * 25]
FAMILIES = np.repeat(np.arange(len(SIZES)), SIZES)
N = len(FAMILIES)


def test_every_family_is_taken_as_often_as_another_and_so_are_its_members():
    rows = np.random.default_rng(3).permutation(N)
    for seed in range(20):
        order = epoch_order(rows, FAMILIES, np.random.default_rng(seed))
        assert len(order) == N
        per_family = np.bincount(FAMILIES[order], minlength=len(SIZES))
        assert set(per_family) <= {N // len(SIZES), N // len(SIZES) + 1}
        per_row = np.bincount(order, minlength=N)
        for family in range(len(SIZES)):
            assert np.ptp(per_row[family == FAMILIES]) <= 1


def test_over_many_epochs_each_member_of_a_family_is_as_likely_as_another():
    counts = sum(
        np.bincount(epoch_order(np.arange(N), FAMILIES, np.random.default_rng(s)), minlength=N) for s in range(800)
    )
    expected = 800 * N / len(SIZES) / np.array(SIZES)[FAMILIES]
    assert (np.abs(counts - expected) < 4.5 * np.sqrt(expected)).all()


def test_a_batch_no_larger_than_the_families_are_many_seldom_holds_two_relatives():
    orders = [epoch_order(np.arange(N), FAMILIES, np.random.default_rng(s)) for s in range(50)]
    twice = [
        len(np.unique(FAMILIES[batch])) < len(batch) for order in orders for batch in batch_tables([order], 8)[0][:, 0]
    ]
    plain = [
        len(np.unique(FAMILIES[batch])) < len(batch)
        for s in range(50)
        for batch in batch_tables([np.random.default_rng(s).permutation(N)], 8)[0][:, 0]
    ]
    assert np.mean(twice) < 0.35
    assert np.mean(plain) > 0.95


def test_without_families_the_order_is_the_one_it_always_was():
    rows = np.arange(10, 60)
    assert np.array_equal(epoch_order(rows, None, np.random.default_rng(1)), np.random.default_rng(1).permutation(rows))


def jobs_of(seeds: list[int], families: np.ndarray | None, x: torch.Tensor, y: torch.Tensor) -> list[Job]:
    run = Run(np.arange(0, N - 20), np.arange(N - 20, N - 10), np.arange(N - 10, N))
    return [Job(run, x, y, (7, seed), 0, families) for seed in seeds]


def trained(jobs: list[Job], **options: object) -> dict[int, list[torch.Tensor]]:
    config = Alignment(epochs=4, batch_size=16, seeds=2)
    variant = Variant(sampling="by_cluster")
    found = {}
    for stack in train_heads(jobs, HeadShape.of(6, 5, layers=1), config=config, variant=variant, **options):
        for number, job in enumerate(stack.jobs):
            found[job.seed[1]] = [tensor.clone() for tensor in stack.heads.model(number).tensors]
    return found


def test_a_model_is_the_same_alone_in_a_stack_and_after_a_restart():
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(N, 6, generator=generator), torch.randn(N, 5, generator=generator)
    together = trained(jobs_of([0, 1], FAMILIES, x, y))
    alone = trained(jobs_of([1], FAMILIES, x, y))
    again = trained(jobs_of([0, 1], FAMILIES, x, y))
    for a, b, c in zip(together[1], alone[1], again[1], strict=True):
        assert torch.equal(a, c)
        assert torch.allclose(a, b, atol=1e-5)


def test_a_family_of_copies_weighs_as_much_as_one_protein():
    """Forty copies of one protein and that protein once: with clusters the heads see the same families as often."""
    generator = np.random.default_rng(0)
    few = np.arange(30)
    many = np.concatenate([np.zeros(40, int), few])
    order = epoch_order(np.arange(len(many)), many, generator)
    share = np.mean(many[order] == 0)
    assert share == pytest.approx(1 / 30, abs=0.02)
    assert np.mean(many == 0) > 0.5


def test_a_protein_taken_twice_in_a_batch_is_no_negative_of_itself():
    """One protein sixteen times: nothing to tell it from, where it was ln 16 to tell it from its copies."""
    row = torch.ones(1, 3)
    job = Job(Run(np.zeros(16, int), np.zeros(4, int), np.zeros(2, int)), row, row, (7, 0), 0, np.array([0]))
    options = {"config": Alignment(epochs=1, batch_size=16), "variant": Variant(sampling="by_cluster")}
    (stack,) = train_heads([job], HeadShape.of(3, 3, layers=1), **options)
    assert stack.histories[0].train == stack.histories[0].validation == [pytest.approx(0, abs=1e-6)]


def test_clusters_are_asked_for_only_where_they_count():
    clusters = {"A": 4, "B": 9}
    assert sampling_families(Variant(), ["A", "B"], clusters={}) is None
    assert sampling_families(Variant(sampling="by_cluster"), ["B", "A"], clusters=clusters).tolist() == [9, 4]
