"""What a stack of models in training is, on disk, so that a long training that was killed goes on where it was.

States lie beside their pair's result, under the digest of all that the result depends on, and are removed when that is there.
What is read back is bit for bit what was written.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..storage.files import digest_of, write_tensors

_SECONDS = 300.0  # between two states: what a kill costs at most, and an epoch
_SECONDS_DONE = 60.0  # a stack that is done is worth keeping sooner


@dataclass(eq=False)
class TrainingStates:
    """The states of a pair's stacks while it is trained; nothing is written of what takes less than minutes.

    result: the pair's file, beside which they lie.
    """

    result: Path
    written: float = field(default_factory=time.monotonic)

    def path(self, stack: Any) -> Path:
        """The file of a stack, by what it is, JSON-able: on another device, or with other members, it is another one."""
        return self.result.with_name(f"{self.result.stem}.training-{digest_of(stack)}.safetensors")

    def due(self, *, last: bool) -> bool:
        """Whether so much time has gone by that a state is worth writing. last: the stack is done."""
        return time.monotonic() - self.written >= (_SECONDS_DONE if last else _SECONDS)

    def write(self, path: Path, tensors: Mapping[str, Tensor], generators: Sequence[np.random.Generator]) -> None:
        """A stack's tensors and where its random numbers are."""
        states = json.dumps([generator.bit_generator.state for generator in generators])
        write_tensors(path, dict(tensors), metadata={"generators": states})
        self.written = time.monotonic()

    def remove(self) -> None:
        """Removes all states: the pair is done."""
        for path in self.result.parent.glob(f"{escape(self.result.stem)}.training-*.safetensors"):
            path.unlink(missing_ok=True)


def restore(path: Path, tensors: Mapping[str, Tensor], generators: Sequence[np.random.Generator]) -> dict[str, Tensor]:
    """Fills tensors and generators with what was written under their names; returns what else was."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as state:
        found = {name: state.get_tensor(name) for name in state.keys()}  # noqa: SIM118 (no mapping)
        for generator, own in zip(generators, json.loads(state.metadata()["generators"]), strict=True):
            generator.bit_generator.state = own
    with torch.no_grad():
        for name, tensor in tensors.items():
            tensor.copy_(found.pop(name))
    return found
