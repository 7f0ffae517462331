"""An encoder whose rows were made elsewhere: each protein's is looked up by its id."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ....errors import ProteinRejected
from ....proteins.structure import Structure
from ...row_file import RowTable, read_rows, sha256_of
from ..interface import Batch, Features, StructureEncoder
from .block import Precomputed as PrecomputedConfig


def build(config: PrecomputedConfig) -> "Precomputed":
    """The encoder with the rows of the block's file or folder. Raises UserError, one line, for one that is no table of rows."""
    return Precomputed(read_rows(config.rows, ids=config.ids), sha256_of(config.rows, ids=config.ids))


class Precomputed(StructureEncoder):
    """A protein's row as it was given, in float32."""

    def __init__(self, table: RowTable, sha256: str) -> None:
        super().__init__()
        self.table, self._sha256 = table, sha256
        self.dimension = self.residue_dimension = table.dimension

    def given(self) -> tuple[str, str]:
        """SHA-256 and place of the rows."""
        return self._sha256, str(self.table.path)

    def featurise(self, structure: Structure) -> Features:
        """The row (d,) of the structure's id. Raises ProteinRejected where there is none that can be used."""
        if reason := self.table.why_not(structure.id):
            raise ProteinRejected(reason)
        return {"row": torch.from_numpy(self.table.row(structure.id))}

    def collate(self, features: Sequence[Features]) -> Batch:
        """The rows one below the other, as if each protein were one residue."""
        n = len(features)
        return {
            "rows": torch.stack([f["row"] for f in features]),
            "residue_protein": torch.arange(n),
            "n_proteins": n,
        }

    def forward(self, batch: Batch) -> Tensor:
        """(n, d) the rows."""
        return batch["rows"]

    def readout(self, residues: Tensor, batch: Batch) -> Tensor:
        """(n, d) the rows."""
        return residues
