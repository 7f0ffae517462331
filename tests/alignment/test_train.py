"""Training: a stack gives what each model gives alone, a plain torch loop gives the same, the best state is kept."""

import numpy as np
import pytest
import torch

from alignscape.alignment.heads import HeadShape, initial_heads, project
from alignscape.alignment.infonce import info_nce
from alignscape.alignment.split import Run
from alignscape.alignment.train import Job, batch_tables, train_heads
from alignscape.config.study import Alignment, Variant

N, STRUCTURE, TEXT = 90, 24, 16
CONFIG = Alignment(epochs=4, batch_size=16, seeds=3)


def paired_rows(n=N, seed=0):
    """Two noisy views of the same hidden vectors."""
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(n, 6, generator=generator)
    views = [hidden @ torch.randn(6, d, generator=generator) for d in (STRUCTURE, TEXT)]
    return [view + 0.1 * torch.randn(view.shape, generator=generator) for view in views]


def folds(n=N, k=3):
    number = np.arange(n) % k
    return [
        Run(
            np.flatnonzero(number == 2 if f == 0 else number == f - 1),
            np.flatnonzero(number == (f + 1) % k),
            np.flatnonzero(number == f),
        )
        for f in range(k)
    ]


def jobs_of(x, y, runs, seeds=3, groups=None):
    return [Job(run, x, y, (7, seed), fold, groups=groups) for fold, run in enumerate(runs) for seed in range(seeds)]


def trained(jobs, *, variant=None, config=CONFIG, layers=1, **options):
    variant = variant or Variant(layers=layers)
    shape = HeadShape.of(STRUCTURE, TEXT, layers=variant.layers)
    stacks = train_heads(jobs, shape, config=config, variant=variant, **options)
    return {
        (job.seed, job.fold): (stack.heads.model(i).copy(), stack.histories[i])
        for stack in stacks
        for i, job in enumerate(stack.jobs)
    }


@pytest.mark.parametrize(
    "variant",
    [
        Variant(),
        Variant(layers=3),
        Variant(loss="symmetric", temperature="learned"),
        Variant(negatives="skip_same_text"),
    ],
    ids=lambda v: f"{v.layers}-{v.loss}-{v.temperature}-{v.negatives}",
)
def test_a_stack_of_seeds_and_folds_gives_what_each_model_gives_alone(variant):
    x, y = paired_rows()
    runs = [*folds()[:2], Run(np.arange(41), np.arange(41, 60), np.arange(60, 90))]
    groups = torch.arange(N) // 2 if variant.negatives != "all" else None
    jobs = jobs_of(x, y, runs, groups=groups)
    together = trained(jobs, variant=variant)
    for job in jobs:
        alone = trained([job], variant=variant)[job.seed, job.fold]
        stacked = together[job.seed, job.fold]
        for a, b in zip(stacked[0].tensors, alone[0].tensors, strict=True):
            assert torch.allclose(a, b, atol=1e-5)
        assert stacked[1].validation == pytest.approx(alone[1].validation, abs=1e-5)
        assert stacked[1].best_epoch == alone[1].best_epoch


def test_a_small_memory_cuts_the_stack_and_changes_nothing():
    x, y = paired_rows()
    jobs = jobs_of(x, y, folds())
    whole, cut = trained(jobs), trained(jobs, memory=1e-9)
    for key, (heads, _) in whole.items():
        for a, b in zip(heads.tensors, cut[key][0].tensors, strict=True):
            assert torch.allclose(a, b, atol=1e-5)


def plain_training(job, config):
    """torch's modules and its plain Adam, one model, one batch at a time."""
    start = initial_heads(HeadShape.of(STRUCTURE, TEXT), [job.seed])
    linears = [torch.nn.Linear(STRUCTURE, TEXT), torch.nn.Linear(TEXT, TEXT)]
    for linear, layer in zip(linears, start.layers, strict=True):
        linear.weight.data, linear.bias.data = layer.weight[0].clone(), layer.bias[0, 0].detach().clone()
    optimizer = torch.optim.Adam([p for linear in linears for p in linear.parameters()], lr=config.learning_rate)
    generator, best = np.random.default_rng([*job.seed, job.fold]), (np.inf, None)

    def loss(rows):
        g, t = linears[0](job.structure[rows]), linears[1](job.text[rows])
        s = torch.nn.functional.normalize(g, dim=1) @ torch.nn.functional.normalize(t, dim=1).T
        return torch.nn.functional.cross_entropy(s / (2 * config.temperature), torch.arange(len(rows)))

    for _ in range(config.epochs):
        order = generator.permutation(job.run.train)
        for rows in np.array_split(order, -(-len(order) // config.batch_size)):
            optimizer.zero_grad()
            loss(rows).backward()
            optimizer.step()
        with torch.no_grad():
            value = loss(job.run.validation).item()
        if value < best[0]:
            best = value, [t.detach().clone() for linear in linears for t in (linear.weight, linear.bias)]
    return best


def test_equals_a_plain_torch_loop():
    x, y = paired_rows()
    run = Run(np.arange(0, 63), np.arange(63, 76), np.arange(76, 90))  # one validation batch: its order cannot matter
    job = Job(run, x, y, (7, 1), 2)
    heads, history = trained([job])[(7, 1), 2]
    value, tensors = plain_training(job, CONFIG)
    assert min(history.validation) == pytest.approx(value, abs=1e-5)
    for ours, theirs in zip(heads.tensors, tensors, strict=True):
        assert torch.allclose(ours.detach().reshape(theirs.shape), theirs, atol=1e-5)


def test_the_kept_weights_are_those_of_the_best_epoch():
    x, y = paired_rows()
    y = y.flip(0)  # nothing to learn: training overfits, and an early epoch is the best
    run = Run(np.arange(0, 60), np.arange(60, 76), np.arange(76, 90))
    config = CONFIG.model_copy(update={"epochs": 30, "learning_rate": 1e-2})
    heads, history = trained([Job(run, x, y, (7, 1))], config=config)[(7, 1), 0]
    structure, text = project(heads, x[60:76], y[60:76])
    found = info_nce(structure @ text.T, temperature=0.2).item()
    assert history.best_epoch == int(np.argmin(history.validation)) + 1 < 30
    assert found == pytest.approx(min(history.validation), abs=1e-5)


def test_training_learns_what_the_two_views_share_and_a_shuffled_text_does_not():
    x, y = paired_rows(400)
    run = Run(np.arange(300), np.arange(300, 350), np.arange(350, 400))
    config = CONFIG.model_copy(update={"epochs": 30, "learning_rate": 1e-2})
    real = trained([Job(run, x, y, (7, 0))], config=config)[(7, 0), 0][1]
    shuffled = trained([Job(run, x, y.roll(1, 0), (7, 0))], config=config)[(7, 0), 0][1]
    assert real.train[-1] < real.train[0] - 0.3
    assert min(shuffled.validation) > min(real.validation) + 0.5


def test_a_learned_temperature_moves_and_a_fixed_one_stays():
    x, y = paired_rows()
    job = Job(folds()[0], x, y, (7, 0))
    assert trained([job])[(7, 0), 0][1].temperature == pytest.approx(0.2)
    assert trained([job], variant=Variant(temperature="learned"))[(7, 0), 0][1].temperature != pytest.approx(0.2)


@pytest.mark.parametrize("sizes", [[1], [32], [33, 34], [62, 64], [100, 97, 128]])
def test_batches_hold_every_row_once_and_differ_by_one_at_most(sizes):
    orders = [np.random.default_rng(0).permutation(n) for n in sizes]
    rows, present = batch_tables(orders, 32)
    assert rows.shape[0] == -(-sizes[0] // 32)
    for model, order in enumerate(orders):
        assert np.array_equal(rows[:, model][present[:, model]], order)
        counts = present[:, model].sum(axis=1)
        assert counts.max() - counts.min() <= 1
        assert counts.max() <= 32


def test_models_of_two_splits_share_a_stack_where_their_batches_have_the_same_sizes_and_no_bit_of_a_weight_changes():
    x, y = paired_rows()
    runs = [Run(*np.split(np.random.default_rng(seed).permutation(N), [70, 80])) for seed in (0, 1)]
    jobs = [Job(run, x, y, (7, seed), 0, split=str(k)) for k, run in enumerate(runs) for seed in range(3)]
    shape, how = HeadShape.of(STRUCTURE, TEXT), {"config": CONFIG, "variant": Variant()}
    (together,) = train_heads(jobs, shape, **how)
    alone = [stack for k in "01" for stack in train_heads([job for job in jobs if job.split == k], shape, **how)]
    assert len(alone) == 2
    for number, tensor in enumerate(together.heads.tensors):
        assert torch.equal(tensor, torch.cat([stack.heads.tensors[number] for stack in alone]))
    for shared, own in zip(together.histories, [h for stack in alone for h in stack.histories], strict=True):
        assert shared.validation == pytest.approx(own.validation, rel=1e-6)  # summed in another order
        assert shared.best_epoch == own.best_epoch


def test_models_of_two_splits_keep_to_themselves_where_one_batch_has_another_size():
    x, y = paired_rows()
    runs = [Run(np.arange(n), np.arange(n, 80), np.arange(80, N)) for n in (70, 69)]
    jobs = [Job(run, x, y, (7, seed), 0, split=str(k)) for k, run in enumerate(runs) for seed in range(3)]
    stacks = list(train_heads(jobs, HeadShape.of(STRUCTURE, TEXT), config=CONFIG, variant=Variant()))
    assert [{job.split for job in stack.jobs} for stack in stacks] == [{"0"}, {"1"}]
