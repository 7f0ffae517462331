"""A training that was killed goes on where it was and ends with the same bits; a short one writes nothing."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from alignscape.alignment import train, training_state
from alignscape.alignment.heads import HeadShape
from alignscape.alignment.split import Run
from alignscape.alignment.train import Job, train_heads
from alignscape.alignment.training_state import TrainingStates
from alignscape.config.study import Alignment, Variant

N = 90
CONFIG = Alignment(epochs=6, batch_size=16, seeds=2)
VARIANT = Variant(layers=2, temperature="learned")


class Killed(Exception):
    """In the place of a signal."""


def trained(states=None):
    """All stacks: two, as the two splits have other sizes."""
    x, y = torch.randn(2, N, 24, generator=torch.Generator().manual_seed(0))
    runs = [Run(np.arange(n), np.arange(n, 80), np.arange(80, N)) for n in (60, 70)]
    jobs = [Job(run, x, y, (7, s), 0, split=str(k)) for k, run in enumerate(runs) for s in range(2)]
    shape = HeadShape.of(24, 24, layers=2)
    return list(train_heads(jobs, shape, config=CONFIG, variant=VARIANT, states=states))


def same(a, b):
    return all(
        all(map(torch.equal, one.heads.tensors, other.heads.tensors))
        and [vars(h) for h in one.histories] == [vars(h) for h in other.histories]
        for one, other in zip(a, b, strict=True)
    )


@pytest.fixture
def epochs(monkeypatch):
    """Counts epochs; `epochs.last` is the one in which a kill comes."""

    class Epochs:
        taken, last = 0, 10**9

        def __call__(self, stack, validation):
            self.taken += 1
            if self.taken == self.last:
                raise Killed
            keep(stack, validation)

    keep, counted = train._Stack._keep_best, Epochs()
    monkeypatch.setattr(train._Stack, "_keep_best", lambda stack, validation: counted(stack, validation))
    return counted


@pytest.mark.parametrize("at", [4, 10])
def test_what_is_resumed_is_bit_for_bit_what_was_not_broken(at, epochs, tmp_path, monkeypatch):
    """Killed in the fourth epoch of the first stack, and of the second, when the first is done."""
    unbroken = trained()
    monkeypatch.setattr(training_state, "_SECONDS", 0.0)
    monkeypatch.setattr(training_state, "_SECONDS_DONE", 0.0)
    epochs.taken, epochs.last = 0, at
    result = tmp_path / "layers2-[a].npz"
    with pytest.raises(Killed):
        trained(TrainingStates(result))
    assert epochs.taken == at
    epochs.taken, epochs.last = 0, 10**9
    assert same(trained(TrainingStates(result)), unbroken)
    assert epochs.taken == 12 - (at - 1)  # no epoch twice, but the one that was cut short
    (tmp_path / "other.npz").touch()
    TrainingStates(result).remove()
    assert [path.name for path in tmp_path.iterdir()] == ["other.npz"]


def test_a_training_of_seconds_writes_nothing(tmp_path):
    trained(TrainingStates(tmp_path / "a.npz"))
    assert list(tmp_path.iterdir()) == []


def test_states_of_another_device_or_other_members_are_not_taken(tmp_path):
    states = TrainingStates(tmp_path / "a.npz")
    assert len({states.path(what) for what in (["cpu", [1]], ["cuda", [1]], ["cpu", [2]])}) == 3


SCRIPT = """
import sys, time
from pathlib import Path
from alignscape.alignment import train, training_state
from tests.alignment.test_training_state import TrainingStates, trained
training_state._SECONDS = training_state._SECONDS_DONE = 0.0
keep = train._Stack._keep_best
train._Stack._keep_best = lambda stack, losses: (time.sleep(0.3), keep(stack, losses))
trained(TrainingStates(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_signal_costs_no_bit(number, tmp_path, monkeypatch):
    """It comes as soon as there is a state."""
    path = os.pathsep.join(sys.path)
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, tmp_path / "a.npz"], env=os.environ | {"PYTHONPATH": path}
    )
    deadline = time.monotonic() + 100
    while not list(tmp_path.glob("*.safetensors")):
        assert process.poll() is None, "it ended before it was killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait() == -number
    monkeypatch.setattr(training_state, "_SECONDS", 1e9)
    assert same(trained(TrainingStates(tmp_path / "a.npz")), trained())
