"""Training and scoring of heads against plain ways to do the same, measured side by side in one run.

    python benchmarks/alignment.py [--threads 2] [--seconds 4] [--clock wall|thread]

Training is measured as steps a second, kept up: each contender runs for a while, in turns, and the median of its turns
counts. Single calls (a loss, a score) are measured by their best call, in turns too, so that a machine that other jobs
share favours none. On a busy machine `--threads 1 --clock thread` counts the processor's time for the one thread. With
a GPU, the optimizer's share of the memory bandwidth is measured there too.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from alignscape.alignment.heads import HeadShape
from alignscape.alignment.infonce import info_nce
from alignscape.alignment.score import alignment_score, similarity
from alignscape.alignment.split import Run
from alignscape.alignment.train import Job, _Stack
from alignscape.compute.adam import FusedAdam
from alignscape.compute.allocator import keep_freed_memory
from alignscape.config.study import Alignment, Variant

BATCH, TAU, SEEDS = 32, 0.2, 5
SIZES = ((3072, 2304), (3072, 640), (128, 576))


CLOCKS = {"wall": time.perf_counter, "thread": time.thread_time}


def best_of(calls: dict[str, Callable[[], object]], *, seconds: float, clock: str = "wall") -> dict[str, float]:
    """Seconds of each contender's best call, called in turn."""
    now = CLOCKS[clock]
    best = dict.fromkeys(calls, np.inf)
    end, rounds = time.perf_counter() + seconds * len(calls), 0
    while rounds < 3 or time.perf_counter() < end:
        for name, call in calls.items():
            start = now()
            call()
            if rounds:  # the first call warms up
                best[name] = min(best[name], now() - start)
        rounds += 1
    return best


def kept_up(calls: dict[str, Callable[[], object]], *, seconds: float, clock: str, turns: int = 7) -> dict[str, float]:
    """Seconds of a call of each contender when it is called again and again: the median of several turns."""
    now = CLOCKS[clock]
    means: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(turns):
        for name, call in calls.items():
            call()  # warms up
            start, end, n = now(), time.perf_counter() + seconds / turns, 0
            while n < 2 or time.perf_counter() < end:
                call()
                n += 1
            means[name].append((now() - start) / n)
    return {name: statistics.median(values) for name, values in means.items()}


class Stacked:
    """Our step: all seeds at once."""

    def __init__(self, x: torch.Tensor, y: torch.Tensor, *, seeds: int) -> None:
        n = len(x)
        run = Run(np.arange(n), np.arange(8), np.arange(8))
        jobs = [Job(run, x, y, (0, seed)) for seed in range(seeds)]
        shape = HeadShape.of(x.shape[1], y.shape[1])
        self.stack = _Stack(jobs, shape, Alignment(), Variant())
        generator = np.random.default_rng(0)
        self.batches = self.stack._batches([generator.permutation(n) for _ in range(seeds)])
        self.place = 0

    def __call__(self) -> None:
        self.place = (self.place + 1) % len(self.batches)
        self.stack._step(*self.batches[self.place])


class Plain:
    """One seed: torch's layers, its default Adam, the loss by cross entropy."""

    def __init__(self, x: torch.Tensor, y: torch.Tensor) -> None:
        self.x, self.y = x, y
        self.layers = torch.nn.ModuleList([torch.nn.Linear(x.shape[1], y.shape[1]), torch.nn.Linear(*[y.shape[1]] * 2)])
        self.optimizer = torch.optim.Adam(self.layers.parameters(), lr=1e-3)
        self.generator = torch.Generator().manual_seed(0)

    def loss(self, rows: torch.Tensor) -> torch.Tensor:
        g, t = (
            torch.nn.functional.normalize(f(a[rows]), dim=1) for f, a in zip(self.layers, (self.x, self.y), strict=True)
        )
        return torch.nn.functional.cross_entropy(g @ t.T / (2 * TAU), torch.arange(len(rows)))

    def __call__(self) -> None:
        self.optimizer.zero_grad()
        self.loss(torch.randperm(len(self.x), generator=self.generator)[:BATCH]).backward()
        self.optimizer.step()


class ItemLoop(Plain):
    """The same, with the formula written as a loop over the items of a batch."""

    def loss(self, rows: torch.Tensor) -> torch.Tensor:
        g = [torch.nn.functional.normalize(self.layers[0](self.x[row]), dim=0) for row in rows]
        t = [torch.nn.functional.normalize(self.layers[1](self.y[row]), dim=0) for row in rows]
        total = torch.zeros(())
        for i in range(len(rows)):
            scores = [torch.exp((torch.dot(g[i], t[j]) + 1) / 2 / TAU) for j in range(len(rows))]
            total = total - torch.log(scores[i] / sum(scores))
        return total / len(rows)


def double_loop_score(g: torch.Tensor, t: torch.Tensor, rows: int) -> float:
    """The score's formula pair by pair, over the first `rows` structures."""
    positive = negative = 0.0
    for i in range(rows):
        for j in range(len(t)):
            value = torch.dot(g[i], t[j]).item()
            if i == j:
                positive += value
            else:
                negative += abs(value)
    return positive / rows - negative / (rows * (len(t) - 1))


def training(d_s: int, d_t: int, seconds: float, clock: str) -> None:
    """Seed-steps a second: stacked, one at a time, and item by item."""
    x, y = (torch.randn(256, d, generator=torch.Generator().manual_seed(d)) for d in (d_s, d_t))
    calls = {"stacked": Stacked(x, y, seeds=SEEDS), "plain": Plain(x, y), "items": ItemLoop(x, y)}
    found = kept_up(calls, seconds=seconds, clock=clock)
    ours = found["stacked"] / SEEDS
    print(
        f"({d_s}, {d_t}), batch {BATCH}: {1 / ours:.0f} seed-steps/s stacked; one at a time with plain Adam "
        f"{1 / found['plain']:.0f} (ratio {found['plain'] / ours:.1f}); item by item {1 / found['items']:.1f} "
        f"(ratio {found['items'] / ours:.0f})"
    )


def loss_alone(seconds: float, clock: str) -> None:
    """The loss and its gradient, without heads, against the item loop."""
    g, t = (torch.nn.functional.normalize(torch.randn(BATCH, 576), dim=1).requires_grad_() for _ in range(2))

    def vectorised() -> None:
        info_nce(g @ t.T, temperature=TAU).backward()

    def items() -> None:
        total = torch.zeros(())
        for i in range(BATCH):
            scores = [torch.exp((torch.dot(g[i], t[j]) + 1) / 2 / TAU) for j in range(BATCH)]
            total = total - torch.log(scores[i] / sum(scores))
        (total / BATCH).backward()

    found = best_of({"vectorised": vectorised, "items": items}, seconds=seconds, clock=clock)
    print(f"loss and its gradient at d = 576: ratio to the item loop {found['items'] / found['vectorised']:.0f}")


def scoring(seconds: float, clock: str, *, n: int = 2000, d: int = 576, rows: int = 20) -> None:
    """The score of n x n pairs; the double loop is run over `rows` of them and scaled."""
    g, t = (torch.nn.functional.normalize(torch.randn(n, d), dim=1) for _ in range(2))
    calls = {"ours": lambda: alignment_score(similarity(g, t)), "loop": lambda: double_loop_score(g, t, rows)}
    found = best_of(calls, seconds=seconds, clock=clock)
    print(
        f"score of {n:,} x {n:,} pairs at d = {d}: {found['ours'] * 1000:.0f} ms; double loop "
        f"{found['loop'] * n / rows:.1f} s (from {rows} of its rows), ratio {found['loop'] * n / rows / found['ours']:.0f}"
    )


def bandwidth(device: str, seconds: float) -> None:
    """Bytes that the optimizer moves a second (28 a parameter) against those of a copy of the same tensors."""
    shape = (SEEDS, 2304, 3072)
    weight, gradient, other = (torch.randn(shape, device=device) for _ in range(3))
    optimizer = FusedAdam([weight], learning_rate=1e-3)
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None

    def step() -> None:
        optimizer.step([(0, (), gradient)])
        wait()

    def copy() -> None:
        other.copy_(weight)
        wait()

    found = best_of({"step": step, "copy": copy}, seconds=seconds)
    moved, copied = 28 * weight.numel() / found["step"], 8 * weight.numel() / found["copy"]
    print(
        f"{device}: optimizer {moved / 1e9:.0f} GB/s of {copied / 1e9:.0f} GB/s that a copy reaches ({moved / copied:.0%})"
    )


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seconds", type=float, default=4.0, help="for each contender")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="thread: with --threads 1 only")
    options = parser.parse_args()
    keep_freed_memory()  # as every job does
    torch.set_num_threads(options.threads)
    print(f"torch {torch.__version__}, {options.threads} threads, {SEEDS} seeds stacked")
    for size in SIZES:
        training(*size, options.seconds, options.clock)
    loss_alone(options.seconds, options.clock)
    scoring(options.seconds, options.clock)
    for device in ("cpu", *(["cuda"] if torch.cuda.is_available() else [])):
        bandwidth(device, options.seconds)


if __name__ == "__main__":
    main()
