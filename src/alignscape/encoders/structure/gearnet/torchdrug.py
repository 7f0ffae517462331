"""GearNet by TorchDrug itself, in an environment of its own: a second implementation to compare ours with.

TorchDrug 0.2.1 runs on Python 3.10 at most and needs compiled extensions, so it cannot live in our environment. Ours
hands C-alpha positions to a process of the other and takes residue features back; weights, readout, packing and
everything after are shared.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ....errors import ProteinRejected, UserError
from ....proteins.structure import Structure
from ..interface import Batch, Features
from . import torchdrug_worker
from .block import GearNet as GearNetConfig
from .model import GearNet, torchdrug_types

PYTHON_VARIABLE = "ALIGNSCAPE_TORCHDRUG_PYTHON"
DEFAULT_PYTHON = Path(".cache/torchdrug/bin/python")  # where `make compare-torchdrug` puts it


def torchdrug_python() -> Path:
    """The Python of the environment that has TorchDrug. Raises UserError where there is none."""
    python = Path(os.environ.get(PYTHON_VARIABLE, DEFAULT_PYTHON)).absolute()
    if not python.exists():
        raise UserError(
            f"backend `torchdrug`: no Python at {python}; `make compare-torchdrug` sets one up there, "
            f"or set {PYTHON_VARIABLE} to that of an environment made from envs/torchdrug.yaml"
        )
    return python


def build(config: GearNetConfig) -> "TorchDrugGearNet":
    """A GearNet with fresh weights, of the widths and readout of its config block, computed by TorchDrug."""
    return TorchDrugGearNet(config.hidden, readout=config.readout)


class TorchDrugGearNet(GearNet):
    """Our GearNet's weights and readout around TorchDrug's graph and forward pass. It cannot be trained."""

    def __init__(self, hidden: Sequence[int], *, readout: str = "sum") -> None:
        super().__init__(hidden, readout=readout)
        self.hidden = list(hidden)
        self.seconds = 0.0  # spent by TorchDrug so far, without reading and writing
        self._worker: _Worker | None = None

    def featurise(self, structure: Structure) -> Features:
        """Positions, types and chains of the residues that have a C-alpha; the graph is TorchDrug's business."""
        present = structure.has_ca
        if present.sum() < (fewest := self.requirement.min_residues):
            raise ProteinRejected(f"{present.sum()} residues with a C-alpha, GearNet needs {fewest}")
        return {
            "xyz": structure.ca[present],
            "types": torchdrug_types(structure.residue_type[present]).numpy(),
            "chain": structure.residue_chain[present].astype(np.int64),
        }

    def collate(self, features: Sequence[Features]) -> Batch:
        """Residues of all proteins one after the other, and how many each has."""
        sizes = np.array([len(f["types"]) for f in features])
        batch = {key: np.concatenate([f[key] for f in features]) for key in ("xyz", "types", "chain")}
        residue_protein = torch.repeat_interleave(torch.arange(len(sizes)), torch.from_numpy(sizes))
        return batch | {"sizes": sizes, "residue_protein": residue_protein, "n_proteins": len(sizes)}

    def forward(self, batch: Batch) -> Tensor:
        """(n, sum of hidden) features. Raises RuntimeError with TorchDrug's own words, UserError while training."""
        if self.training:
            raise UserError("backend `torchdrug` only embeds; train with `backend: native`, its weights are the same")
        if self._worker is None:
            self._worker = _Worker(torchdrug_python())
        weights = {name: value.cpu().numpy() for name, value in self.state_dict().items()}
        arrays = {key: batch[key] for key in ("xyz", "types", "chain", "sizes")}
        features, seconds = self._worker.features(arrays, weights, self.hidden)
        self.seconds += seconds
        return torch.from_numpy(features).to(batch["residue_protein"].device)


class _Worker:
    """The other environment's process, alive until this object goes."""

    def __init__(self, python: Path) -> None:
        # -I: without it the worker's `import torchdrug` would find this very file, which lies in its folder
        command = [str(python), "-I", torchdrug_worker.__file__]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.requests, self.answers = self.process.stdin, self.process.stdout

    def features(
        self, arrays: dict[str, np.ndarray], weights: dict[str, np.ndarray], hidden: list[int]
    ) -> tuple[np.ndarray, float]:
        """Residue features (n, d) and the seconds they took."""
        with tempfile.TemporaryDirectory() as folder:
            paths = {name: str(Path(folder) / f"{name}.npz") for name in ("weights", "proteins", "output")}
            np.savez(paths["weights"], allow_pickle=False, **weights)
            np.savez(paths["proteins"], allow_pickle=False, **arrays)
            print(json.dumps(paths | {"hidden": hidden}), file=self.requests, flush=True)
            answer = json.loads(self.answers.readline() or '{"error": "it ended; see the log"}')
            if "error" in answer:
                raise RuntimeError(f"TorchDrug: {answer['error']}")
            with np.load(paths["output"]) as output:
                return output["features"], answer["seconds"]

    def __del__(self) -> None:
        self.requests.close()
        self.process.wait(timeout=60)
        self.answers.close()
