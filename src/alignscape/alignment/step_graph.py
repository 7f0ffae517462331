"""A training step whose kernels a GPU is told of once: later steps start them all with one call.

A step of small heads is some 70 kernels that are each done sooner than Python has asked for the next. They are recorded
once, with the addresses they work on, and played back (a CUDA graph). What is recorded is the step that runs without it; its
inputs lie in buffers, into which each batch is copied.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, Protocol

import torch
from torch import Tensor
from tqdm import tqdm

Batch = tuple[Tensor, Tensor | None, Tensor]  # rows (k, b), which are there (k, b) or None, their numbers (k,)
Step = Callable[[Tensor, Tensor | None, Tensor], Tensor]  # to the losses (k,)
_UNRECORDED = 3  # steps before recording: libraries fetch their work space in the first ones


class Recorder(Protocol):
    """Records what a function without arguments does."""

    def aside(self) -> AbstractContextManager[None]:
        """Where the steps before recording run."""
        ...

    def record(self, body: Callable[[], Tensor]) -> tuple[Callable[[], None], Tensor]:
        """What plays the body back, and where its result is after that. Recording computes nothing."""
        ...


class RecordedSteps:
    """A step that is taken as it is a few times, then recorded, and from then on played back.

    All batches have one shape. A step that cannot be recorded is taken as it is, which a line says.
    """

    def __init__(self, step: Step, recorder: Recorder) -> None:
        self.step, self.recorder = step, recorder
        self.taken = 0
        self.play: Step | None = None

    def __call__(self, rows: Tensor, present: Tensor | None, counts: Tensor) -> Tensor:
        """The losses (k,) of one step."""
        self.taken += 1
        if self.taken <= _UNRECORDED:
            with self.recorder.aside():
                return self.step(rows, present, counts)
        if self.play is None:
            self.play = self._recorded((rows, present, counts))
        return self.play(rows, present, counts)

    def _recorded(self, batch: Batch) -> Step:
        rows, present, counts = (None if part is None else part.clone() for part in batch)
        assert rows is not None
        assert counts is not None
        try:
            replay, losses = self.recorder.record(lambda: self.step(rows, present, counts))
        except RuntimeError as error:
            tqdm.write(f"steps are not recorded, which is slower (alignment.cuda_graphs: never says so too): {error}")
            return self.step

        def play(*batch: Tensor | None) -> Tensor:
            for buffer, part in zip((rows, present, counts), batch, strict=True):
                if buffer is not None and part is not None:
                    buffer.copy_(part)
            replay()
            return losses.clone()

        return play


class CudaRecorder:
    """Records the kernels that are started on the current GPU."""

    def __init__(self) -> None:
        self.stream = torch.cuda.Stream()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """On a stream of its own, as the work space of recording wants it."""
        current = torch.cuda.current_stream()
        self.stream.wait_stream(current)
        with torch.cuda.stream(self.stream):
            yield
        current.wait_stream(self.stream)

    def record(self, body: Callable[[], Tensor]) -> tuple[Callable[[], None], Tensor]:
        """The graph's replay and the body's result. Raises RuntimeError for what cannot be recorded."""
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, stream=self.stream):
                result = body()
        except RuntimeError:
            torch.cuda.synchronize()  # a GPU that can compute no more says so here, and the job ends
            raise
        return graph.replay, result


def steps_of(step: Step, device: torch.device, choice: Literal["auto", "never"]) -> Step:
    """The step as it is, or recorded: on a GPU unless the choice is `never`."""
    return RecordedSteps(step, CudaRecorder()) if device.type == "cuda" and choice == "auto" else step
