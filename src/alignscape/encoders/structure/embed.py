"""Embeddings of many structures by any encoder: packed by residues, in bounded memory, no protein lost in silence."""

import copy
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from ...errors import ProteinRejected, UserError
from ...proteins.structure import Structure
from ...storage.ledger import Omission
from .interface import Batch, Features, StructureEncoder, to_device

Rows = NDArray[np.float32]
# From the features of a batch's residues to what each protein gets.
Read = Callable[[StructureEncoder, torch.Tensor, Batch], list[Rows]]
Pending = list[tuple[Structure, "Future[Features]"]]

RESIDUE_BUDGET = {"cpu": 6000, "cuda": 24_000}
_FEW = 20  # structures: fewer are worth no progress bar
# Errors that no protein is the cause of cost a job and not proteins: more of them than both of these end it.
_FAULTS, _SHARE_OF_FAULTS = 3, 0.05


def embed_structures(
    encoder: StructureEncoder,
    structures: Sequence[Structure],
    *,
    residue_budget: int | None,
    device: str | torch.device,
    name: str,
) -> tuple[list[str], Rows, list[Omission]]:
    """Ids, rows (n, d) float32 and omissions; the ids are those of `structures` that have a row, in their order.

    Proteins of similar length share a batch of at most `residue_budget` residues (None: as many as the device is fast
    with); a longer one has its own. A failing
    batch is retried one protein at a time, so a bad or oversized protein never costs the others their rows. One that a
    GPU has no memory for is tried on the processor.
    Raises an error after which a GPU can compute no more, and the first unexpected error if no protein of several gets
    through, or more than 3 proteins and 5 % of all have one: these are faults of ours or of the machine, not of a
    protein. A single one costs itself only, also where it is alone.
    """
    run = _run(encoder, structures, residue_budget, device, name, _of_proteins)
    ids = [s.id for s in structures if s.id in run.rows]
    rows = np.stack([run.rows[id_] for id_ in ids]) if ids else np.empty((0, encoder.dimension), dtype=np.float32)
    return ids, rows, run.lost()


def embed_residues(
    encoder: StructureEncoder,
    structures: Sequence[Structure],
    *,
    residue_budget: int | None,
    device: str | torch.device,
    name: str,
) -> tuple[list[str], Rows, list[Omission]]:
    """As `embed_structures`, but a row of residue features (residue_dimension,) for each residue that the encoder reads.

    The ids are the residues': 1CRN:A:7, by the author's chain and number with the insertion code. Raises UserError for
    an encoder that does not say which residues it reads (`StructureEncoder.residues_read`).
    """
    run = _run(encoder, structures, residue_budget, device, name, _of_residues)
    found = [s for s in structures if s.id in run.rows]
    ids = [id_ for s in found for id_ in _residue_ids(encoder, s, len(run.rows[s.id]), name)]
    empty = np.empty((0, encoder.residue_dimension), dtype=np.float32)
    return ids, np.concatenate([empty, *(run.rows[s.id] for s in found)]), run.lost()


def _residue_ids(encoder: StructureEncoder, structure: Structure, n: int, name: str) -> list[str]:
    """The ids of the n residues that an encoder read. Raises UserError where it does not say which these are."""
    read = encoder.residues_read(structure, n)
    if read is None or read.sum() != n:
        raise UserError(
            f"{structure.id}: {name} has {n} rows for {structure.n_residues} residues and does not say which these are, so "
            "they have no ids; take a row per protein or per chain"
        )
    chains = structure.chain_author[structure.residue_chain]
    places = zip(chains, structure.residue_number, structure.residue_insertion, read, strict=True)
    return [f"{structure.id.partition(':')[0]}:{chain}:{number}{code}" for chain, number, code, has in places if has]


def _run(
    encoder: StructureEncoder,
    structures: Sequence[Structure],
    residue_budget: int | None,
    device: str | torch.device,
    name: str,
    read: Read,
) -> "_Run":
    """What `read` makes of every structure, with progress on standard error for twenty or more."""
    encoder.to(device).eval()
    run = _Run(encoder, torch.device(device), name, read)
    residue_budget = residue_budget or RESIDUE_BUDGET.get(run.device.type, RESIDUE_BUDGET["cpu"])
    pause, n = _interval(), len(structures)
    with tqdm(total=n, desc=name, unit="protein", mininterval=pause, delay=max(1, pause), disable=n < _FEW) as progress:
        for batch in _featurised(encoder, pack(structures, residue_budget=residue_budget)):
            run.embed([(structure, features) for structure, features in run.featured(batch)])
            progress.update(len(batch))
    run.require_few_faults(n)
    return run


def _of_proteins(encoder: StructureEncoder, residues: torch.Tensor, batch: Batch) -> list[Rows]:
    return list(encoder.readout(residues, batch).float().cpu().numpy())


def _of_residues(encoder: StructureEncoder, residues: torch.Tensor, batch: Batch) -> list[Rows]:
    sizes = torch.bincount(batch["residue_protein"], minlength=batch["n_proteins"]).tolist()
    return [part.float().cpu().numpy() for part in residues.split(sizes)]


def pack(structures: Sequence[Structure], *, residue_budget: int) -> list[list[Structure]]:
    """Structures in batches of similar length, longest first, each of at most `residue_budget` residues or alone.

    Longest first, so that what does not fit into memory shows at once.
    """
    batches: list[list[Structure]] = []
    room = 0
    for structure in sorted(structures, key=lambda s: (-s.n_residues, s.id)):
        if structure.n_residues > room:
            batches.append([])
            room = residue_budget
        batches[-1].append(structure)
        room -= structure.n_residues
    return batches


class _Run:
    """Rows and omissions so far."""

    def __init__(self, encoder: StructureEncoder, device: torch.device, name: str, read: Read) -> None:
        self.encoder, self.device, self.name, self.read = encoder, device, name, read
        self.rows: dict[str, Rows] = {}
        self.omissions: list[Omission] = []
        self.faults: list[Exception] = []
        self.on_processor: StructureEncoder | None = None  # a copy, made when a protein first asks for it

    def require_few_faults(self, n: int) -> None:
        """Raises the first unexpected error if too many of `n` proteins had one."""
        few = max(_FAULTS, _SHARE_OF_FAULTS * n)
        if len(self.faults) > min(few, max(1, n - 1)):
            raise self.faults[0]

    def lost(self) -> list[Omission]:
        """The omissions by id."""
        return sorted(self.omissions, key=lambda omission: omission.id)

    def featured(self, batch: Pending) -> Iterator[tuple[Structure, Features]]:
        """Those of the batch that could be featurised."""
        for structure, features in batch:
            try:
                yield structure, features.result()
            except ProteinRejected as rejection:
                self._lose(structure, str(rejection))
            except Exception as fault:
                self._fault(structure, fault)

    def embed(self, batch: list[tuple[Structure, Features]]) -> None:
        """Adds the batch's rows; if it fails, protein by protein."""
        if not batch:
            return
        try:
            self._keep(batch, self._rows(self.encoder, self.device, batch))
            return
        except Exception as fault:
            if len(batch) == 1 and not (is_out_of_memory(fault) and self.device.type != "cpu"):
                self._fault(batch[0][0], fault)
                return
        self._release_memory()  # outside of that clause, which keeps the failed batch's memory alive
        for protein in batch:
            if len(batch) == 1:
                self._embed_on_processor(protein)
            else:
                self.embed([protein])

    def _embed_on_processor(self, protein: tuple[Structure, Features]) -> None:
        """Adds the row of a protein that the GPU has no memory for."""
        structure, _ = protein
        print(f"{self.name}: {structure.id}: no memory on {self.device}; tried on the processor", file=sys.stderr)
        try:
            if self.on_processor is None:
                self.on_processor = copy.deepcopy(self.encoder).to("cpu")
            self._keep([protein], self._rows(self.on_processor, torch.device("cpu"), [protein]))
        except Exception as fault:
            self._fault(structure, fault)

    @torch.inference_mode()
    def _rows(
        self, encoder: StructureEncoder, device: torch.device, batch: list[tuple[Structure, Features]]
    ) -> list[Rows]:
        collated = to_device(encoder.collate([features for _, features in batch]), device)
        return self.read(encoder, encoder(collated), collated)

    def _keep(self, batch: list[tuple[Structure, Features]], rows: list[Rows]) -> None:
        for (structure, _), row in zip(batch, rows, strict=True):
            if np.isfinite(row).all():
                self.rows[structure.id] = row
            else:
                self._lose(structure, "its embedding is not finite")

    def _lose(self, structure: Structure, reason: str) -> None:
        self.omissions.append(Omission(id=structure.id, stage="embed", encoder=self.name, reason=reason))

    def _fault(self, structure: Structure, fault: Exception) -> None:
        if is_fatal(fault):
            raise fault
        if is_out_of_memory(fault):
            self._release_memory()
            where = "on cpu" if self.device.type == "cpu" else f"on {self.device} and on cpu"
            self._lose(structure, f"not enough memory for its {structure.n_residues} residues {where}")
            return
        traceback.print_exception(fault, file=sys.stderr)
        self.faults.append(fault)
        self._lose(structure, f"unexpected {type(fault).__name__}: {' '.join(str(fault).split())[:200]}")

    def _release_memory(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


def is_out_of_memory(fault: Exception) -> bool:
    """Whether the error says that memory ran out; torch has a type for that on GPUs only, and not for all that they need."""
    if isinstance(fault, MemoryError | torch.OutOfMemoryError):
        return True
    said = ("DefaultCPUAllocator", "CUDA error: out of memory", "ALLOC_FAILED")
    return isinstance(fault, RuntimeError) and any(part in str(fault) for part in said)


def is_fatal(fault: Exception) -> bool:
    """Whether the GPU can compute no more in this process: after an illegal access or a failed assertion all calls fail."""
    if is_out_of_memory(fault):
        return False
    said = ("CUDA error", "device-side assert", "illegal memory access", "HIP error")
    accelerators = isinstance(fault, torch.AcceleratorError)
    return accelerators or (isinstance(fault, RuntimeError) and any(part in str(fault) for part in said))


def _featurised(encoder: StructureEncoder, batches: list[list[Structure]]) -> Iterator[Pending]:
    """The batches in order, the features of the next being made while one is in use."""
    with ThreadPoolExecutor(max_workers=torch.get_num_threads()) as pool:
        ahead: list[Pending] = []
        for batch in batches:
            ahead.append([(structure, pool.submit(encoder.featurise, structure)) for structure in batch])
            if len(ahead) == 2:
                yield ahead.pop(0)
        yield from ahead


def _interval() -> float:
    """Seconds between progress lines: a log file gets one now and then, and none for short work."""
    return 0.1 if sys.stderr.isatty() else 30.0
