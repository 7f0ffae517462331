"""Steps from buffers that a recorder plays back are the steps themselves; they read nothing back from the device."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode

from alignscape.alignment import train
from alignscape.alignment.heads import HeadShape
from alignscape.alignment.split import Run
from alignscape.alignment.step_graph import RecordedSteps, steps_of
from alignscape.alignment.train import Job, train_heads
from alignscape.config.study import Alignment, Variant

N = 90
CONFIG = Alignment(epochs=3, batch_size=16, seeds=2)
VARIANTS = [
    Variant(),
    Variant(layers=3, loss="symmetric", temperature="learned"),
    Variant(negatives="skip_same_text", sampling="by_cluster"),
]


class Replays:
    """Plays a body back by calling it again: what a graph does with kernels, and like it from the buffers' addresses."""

    def __init__(self, fails=False):
        self.fails, self.played = fails, 0

    def aside(self):
        return nullcontext()

    def record(self, body):
        if self.fails:
            raise RuntimeError("operation not permitted when stream is capturing")
        place = torch.full((4,), torch.nan)

        def replay():
            self.played += 1
            place.copy_(body())

        return replay, place


def jobs_of(variant):
    """Two seeds of two runs, one of which has a batch that is one short."""
    x, y = torch.randn(2, N, 24, generator=torch.Generator().manual_seed(0))
    groups = torch.arange(N) // 2 if variant.negatives != "all" else None
    families = np.arange(N) // 3 if variant.sampling == "by_cluster" else None
    runs = [Run(np.arange(n), np.arange(n, 80), np.arange(80, N)) for n in (65, 66)]
    return [Job(run, x, y, (7, s), fold, families, groups) for fold, run in enumerate(runs) for s in range(2)]


def trained(variant):
    (stack,) = train_heads(
        jobs_of(variant), HeadShape.of(24, 24, layers=variant.layers), config=CONFIG, variant=variant
    )
    return stack


@pytest.mark.parametrize("variant", VARIANTS, ids=range(3))
@pytest.mark.parametrize("fails", [False, True])
def test_recorded_steps_train_to_the_same_bits(variant, fails, monkeypatch):
    """Also if the step cannot be recorded, which leaves everything as it was."""
    plain, recorder = trained(variant), Replays(fails)
    monkeypatch.setattr(train, "steps_of", lambda step, *_: RecordedSteps(step, recorder))
    recorded = trained(variant)
    for a, b in zip(plain.heads.tensors, recorded.heads.tensors, strict=True):
        assert torch.equal(a, b)
    assert [vars(h) for h in plain.histories] == [vars(h) for h in recorded.histories]
    assert recorder.played == (0 if fails else 3 * 5 - 3)


def test_a_processor_takes_steps_as_they_are():
    step = object()
    assert steps_of(step, torch.device("cpu"), "auto") is step
    assert steps_of(step, torch.device("cuda"), "never") is step


@pytest.mark.parametrize("variant", VARIANTS, ids=range(3))
def test_a_step_reads_nothing_back(variant):
    """On tensors without numbers every kernel runs, and a read, at which a recording would end, is an error."""
    jobs = jobs_of(variant)
    shape = HeadShape.of(24, 24, layers=variant.layers)
    stack = train._Stack(jobs, shape, CONFIG, variant)
    batch = stack._batches([np.random.default_rng(0).permutation(job.run.train) for job in jobs])[0]
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        fake = [None if part is None else mode.from_tensor(part) for part in batch]
        loss = stack._step(*fake)
        assert loss.shape == (4,)
        with pytest.raises(DataDependentOutputException):
            loss[0].item()
