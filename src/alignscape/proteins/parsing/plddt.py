"""Which residues a predictor is sure of: pLDDT from the B factors, where a file's B factors are that and nothing else."""

import re
from dataclasses import dataclass
from typing import Literal

import gemmi
import numpy as np
from numpy.typing import NDArray

from ...config.proteins import Proteins
from ...errors import ProteinRejected
from ..facts import BFactors
from .grouping import Atoms

_PREDICTED = re.compile(r"\b(?:ALPHAFOLD|COLABFOLD|ESMFOLD|OPENFOLD)\b.*\bPREDICTION\b", re.IGNORECASE)
_MEASURED = re.compile(r"^REMARK   (?:3 |2 RESOLUTION\.\s+\d)", re.MULTILINE)
_MODEL_METHOD = re.compile(r"\bMODEL\b|\bIN SILICO\b", re.IGNORECASE)
_HIGHEST = 100.0


@dataclass(frozen=True)
class PlddtMask:
    """Which residues are left out: those of a pLDDT below `below`, in the files whose B factors are pLDDT; without it none.

    b_factors: `auto` asks the file; `yes` says that they are pLDDT where the file says nothing; `no` that they are not.
    """

    below: float | None = None
    b_factors: Literal["auto", "yes", "no"] = "auto"

    @classmethod
    def of(cls, config: Proteins) -> "PlddtMask":
        """The mask that a config asks for."""
        return cls(config.plddt_below, config.plddt)

    def holds(self, stated: BFactors) -> bool:
        """Whether the B factors of a file that says this of them are pLDDT. An experiment's never are."""
        if stated == "experiment" or self.b_factors == "no":
            return False
        return stated == "plddt" or self.b_factors == "yes"

    def remark(self, stated: BFactors) -> str:
        """What is to be said of files that might be predicted models and say nothing of their B factors; "" if nothing."""
        if self.below is None or stated != "not stated" or self.b_factors != "auto":
            return ""
        return "not masked by `plddt_below`: files that do not say what their B factors are; `plddt: yes` if they are pLDDT"


NO_MASK = PlddtMask()


def pdb_b_factors(title: str, method: str, head: str) -> BFactors:
    """What a PDB file says that its B factors are. head: its text before the first atom.

    A title that names a predictor counts only where no experiment, resolution or refinement is stated: structures solved
    with a predicted model name it too, and entries of before 1996 have no EXPDTA.
    """
    if _is_experiment(method) or _MEASURED.search(head):
        return "experiment"
    return "plddt" if _PREDICTED.search(title) else "not stated"


def mmcif_b_factors(block: gemmi.cif.Block, title: str, method: str) -> BFactors:
    """What an mmCIF block says that its B factors are: ModelCIF names pLDDT as a local metric of quality."""
    if _is_experiment(method) or block.find_mmcif_category("_refine."):
        return "experiment"
    names = [str(value) for tag in ("type", "name") for value in block.find_values(f"_ma_qa_metric.{tag}")]
    if any("plddt" in name.lower() for name in names):
        return "plddt"
    return "plddt" if _PREDICTED.search(title) else "not stated"


def _is_experiment(method: str) -> bool:
    return bool(method) and _MODEL_METHOD.search(method) is None


def residue_plddt(atoms: Atoms, stated: BFactors, mask: PlddtMask) -> NDArray[np.float64]:
    """(r,) pLDDT on the scale from 0 to 100, the mean over a residue's atoms, NaN where none is stated.

    NaN throughout where the B factors are no pLDDT, whatever the file says: one is below 0 or above 100. Values that all lie
    between 0 and 1, as ESMFold writes them, are fractions. Raises ProteinRejected where the config asks for a mask and says
    that the B factors are pLDDT, and they cannot be.
    """
    nothing = np.full(atoms.n_residues, np.nan)
    if not mask.holds(stated):
        return nothing
    known = np.isfinite(atoms.b_factor)
    values = atoms.b_factor[known].astype(np.float64)
    if len(values) == 0 or values.min() < 0 or values.max() > _HIGHEST:
        if mask.below is not None and stated != "plddt":
            raise ProteinRejected("`plddt: yes`, but the B factors are no pLDDT: not all lie between 0 and 100")
        return nothing
    count = np.bincount(atoms.residue[known], minlength=atoms.n_residues)
    total = np.bincount(atoms.residue[known], weights=values, minlength=atoms.n_residues)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return np.round(mean * (_HIGHEST if values.max() <= 1 else 1.0), 3)
