"""A structure encoder tried on small proteins: what its rows depend on, and what they must not depend on."""

import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from ...errors import ProteinRejected
from ...proteins.structure import Structure
from ...proteins.variants import (
    first_residues,
    mirrored,
    rotated,
    shifted,
    side_by_side,
    with_atoms_reordered,
    with_chains_reversed,
)
from ..structure.interface import StructureEncoder, to_device
from ..structure.rows import Ready
from .findings import Checked, Finding, with_promises
from .likeness import are_distinct, are_same
from .memory_taken import memory_taken
from .proteins import LARGE, few, ten

Rows = dict[str, NDArray[np.float32]]  # by id
# The same protein otherwise, by what is asked of its row.
OTHERWISE: dict[str, Callable[[Structure], Structure]] = {
    "deterministic": lambda structure: structure,
    "rotation": rotated,
    "translation": shifted,
    "atom_order": with_atoms_reordered,
    "chain_order": with_chains_reversed,
    "mirror_image": mirrored,
}
_PASSES = len(OTHERWISE) + 2  # over the small proteins
# Seconds, by the table of what encoders take: not by the clock, as what is tried must not depend on what else a machine does.
_FOR_TEN, _FOR_LARGE = 40.0, 20.0
_FASTER = {"cpu": 1, "cuda": 30}  # than one core of a processor


def check_structure_encoder(ready: Ready, *, device: str) -> Checked:
    """What holds of an encoder on ten proteins, or on parts of three where ten take too long, and on a large one."""
    check = _Check(ready, device)
    seconds = ready.block.cost().embedding / 1e3 / _FASTER.get(device.partition(":")[0], 1)  # a residue
    proteins = ten() if seconds * _PASSES * sum(map(_n, ten())) <= _FOR_TEN else few()
    findings = check.of_small(proteins)
    takes: dict[str, float] = {}
    if (about := seconds * LARGE) > _FOR_LARGE:
        findings.append(Finding("large", None, f"it would take about {about:.0f} seconds"))
    else:
        large, takes = check.of_large(proteins)
        findings.append(large)
    return _checked(ready, findings, proteins, takes)


def check_in_short(ready: Ready, *, device: str) -> Checked:
    """The same on three parts of proteins, in a few seconds; nothing large, and nothing measured."""
    return _checked(ready, _Check(ready, device).of_small(few()), few(), {})


def _checked(ready: Ready, findings: list[Finding], proteins: Sequence[Structure], takes: dict[str, float]) -> Checked:
    block, encoder = ready.block, ready.encoder
    return Checked(
        "structure",
        block.name,
        f"weights: {ready.weights.state}; {encoder.dimension} dimensions, computed in {encoder.number_type}",
        f"{len(proteins)} proteins of {min(map(_n, proteins))} to {max(map(_n, proteins))} residues",
        with_promises(findings, block.not_promised(), name=block.name),
        takes,
    )


class _Check:
    """Rows of one encoder, and why proteins have none."""

    def __init__(self, ready: Ready, device: str) -> None:
        self.ready, self.device = ready, device
        self.why_lost: dict[str, str] = {}

    def of_small(self, proteins: Sequence[Structure]) -> list[Finding]:
        """All findings but that of a large protein."""
        rows = self._rows(proteins)
        findings = [self._width(proteins[0], rows), self._taken(proteins, rows), are_distinct(rows)]
        alone = {id_: row for protein in proteins for id_, row in self._rows([protein]).items()}
        findings.append(self._same("batch", rows, alone))
        for asked, otherwise in OTHERWISE.items():
            others = self._rows(
                [otherwise(protein) for protein in proteins]
            )  # all of them, so that the batch is the same
            findings.append(self._same(asked, rows, others))
        return [*map(_told_apart, findings), self._one_residue(proteins[0])]

    def of_large(self, proteins: Sequence[Structure]) -> tuple[Finding, dict[str, float]]:
        """Whether a protein of LARGE residues has a row, and the time and memory that it takes a residue."""
        protein = side_by_side(proteins, LARGE, id="LARGE")
        start = time.perf_counter()
        rows, taken = memory_taken(lambda: self._rows([protein]), device=self.device)
        seconds = time.perf_counter() - start
        if not rows:
            return Finding("large", False, self.why_lost["LARGE"]), {}
        takes = {"milliseconds_a_residue": 1e3 * seconds / LARGE, "kB_a_residue": taken / 1e3 / LARGE}
        return Finding("large", True, f"in {seconds:.1f} seconds"), takes

    def _rows(self, proteins: Sequence[Structure]) -> Rows:
        try:
            rows, meta = self.ready.rows(proteins, device=self.device)
        except Exception as fault:  # of every protein: of one alone it is among the omissions
            said = " ".join(str(fault).split())[:200]
            self.why_lost |= {protein.id: f"{type(fault).__name__}: {said}" for protein in proteins}
            return {}
        self.why_lost |= {omission.id: omission.reason for omission in meta.omissions}
        return dict(zip(meta.ids, rows, strict=True))

    def _same(self, asked: str, rows: Rows, others: Rows) -> Finding:
        kind = self.ready.encoder.number_type
        return are_same(asked, rows, others, among=rows, number_type=kind, why_lost=self.why_lost)

    def _width(self, protein: Structure, rows: Rows) -> Finding:
        """Of proteins' rows and of residues'."""
        encoder = self.ready.encoder
        if protein.id not in rows:
            return Finding("width", None, "there is no row")
        with torch.inference_mode():
            residues = encoder(to_device(encoder.collate([encoder.featurise(protein)]), torch.device(self.device)))
        found = (rows[protein.id].shape, residues.shape[1:])
        wanted = ((encoder.dimension,), (encoder.residue_dimension,))
        said = f"{encoder.dimension} numbers a protein, {encoder.residue_dimension} a residue"
        return Finding("width", found == wanted, said if found == wanted else f"{said} are said, found {found}")

    def _taken(self, proteins: Sequence[Structure], rows: Rows) -> Finding:
        able = [protein for protein in proteins if _meets(protein, self.ready.encoder)]
        lost = [protein.id for protein in able if protein.id not in rows]
        if not able:
            return Finding("taken", None, "none of the proteins meets it")
        return Finding("taken", not lost, f"{lost[0]}: {self.why_lost[lost[0]]}" if lost else f"all {len(able)}")

    def _one_residue(self, protein: Structure) -> Finding:
        """A protein of the first residue, cut out of another one."""
        one = first_residues(protein, 1)
        try:
            self.ready.encoder.featurise(one)
        except ProteinRejected as reason:
            able = _meets(one, self.ready.encoder)
            return Finding("one_residue", not able, f"left out: {reason}" + " (though it meets the requirement)" * able)
        except Exception:  # is met again below, where it gets its words
            pass
        rows = self._rows([one])
        return Finding("one_residue", bool(rows), "a row" if rows else self.why_lost[one.id])


def _told_apart(finding: Finding) -> Finding:
    """Of mirror images the row is to differ, not to be the same."""
    if finding.asked != "mirror_image" or finding.holds is None:
        return finding
    return Finding(finding.asked, not finding.holds, finding.detail)


def _meets(protein: Structure, encoder: StructureEncoder) -> bool:
    """Whether the protein has so many residues with the atoms that the encoder requires."""
    atoms, least = encoder.requirement
    count = {"any": protein.n_residues, "ca": protein.has_ca.sum(), "backbone": protein.has_backbone.sum()}
    return int(count[atoms]) >= least


def _n(protein: Structure) -> int:
    return protein.n_residues
