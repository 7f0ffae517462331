"""Packing, bounded memory, and that no protein is lost without a reason or costs another its row."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from alignscape.encoders.structure.composition.model import Composition
from alignscape.encoders.structure.embed import embed_residues, embed_structures, is_out_of_memory, pack
from alignscape.encoders.structure.gearnet.model import GearNet
from alignscape.encoders.structure.interface import Batch, Features
from alignscape.errors import ProteinRejected, UserError
from alignscape.proteins.structure import Structure
from tests.helpers.made_structures import made_structure


def proteins(sizes: Sequence[int]) -> list[Structure]:
    return [made_structure(n, seed=i, id=f"P{i:03d}") for i, n in enumerate(sizes)]


class Troubled(Composition):
    """The baseline, failing in the ways an encoder can, by a protein's id."""

    def __init__(self, **trouble: str) -> None:
        super().__init__()
        self.trouble = trouble
        self.batches: list[int] = []
        self.broken, self.broken_with = False, RuntimeError

    def featurise(self, structure: Structure) -> Features:
        match self.trouble.get(structure.id):
            case "rejected":
                raise ProteinRejected("too short for this test")
            case "fault":
                raise IndexError("index 3 is out\nof bounds")
        return super().featurise(structure) | {"trouble": self.trouble.get(structure.id)}

    def collate(self, features: Sequence[Features]) -> Batch:
        return super().collate(features) | {"troubles": [f["trouble"] for f in features]}

    def readout(self, residues: Tensor, batch: Batch) -> Tensor:
        self.batches.append(batch["n_proteins"])
        if "memory" in batch["troubles"] or ("company" in batch["troubles"] and batch["n_proteins"] > 1):
            raise torch.OutOfMemoryError("the test's memory is full")
        if "illegal" in batch["troubles"] or self.broken:
            self.broken = True  # as a GPU after an error: every later call fails too
            raise self.broken_with("CUDA error: an illegal memory access was encountered")
        rows = super().readout(residues, batch)
        rows[[t == "nan" for t in batch["troubles"]]] = torch.nan
        return rows


@given(st.lists(st.integers(1, 60), max_size=40), st.integers(1, 100))
def test_packing_keeps_every_protein_and_the_budget(sizes: list[int], budget: int) -> None:
    made = [made_structure(3).select(np.ones(3, dtype=bool)) for _ in sizes]
    for i, (structure, size) in enumerate(zip(made, sizes, strict=True)):
        object.__setattr__(structure, "id", f"P{i:03d}")
        object.__setattr__(structure, "residue_type", np.zeros(size, dtype=np.int8))
    batches = pack(made, residue_budget=budget)
    assert sorted(s.id for b in batches for s in b) == sorted(s.id for s in made)
    assert all(len(b) == 1 or sum(s.n_residues for s in b) <= budget for b in batches)
    lengths = [s.n_residues for b in batches for s in b]
    assert lengths == sorted(lengths, reverse=True)


def test_rows_do_not_depend_on_the_packing_and_keep_the_order_given() -> None:
    torch.manual_seed(0)
    encoder, made = GearNet([8, 8]), proteins([40, 12, 90, 5, 33])
    alone = embed_structures(encoder, made, residue_budget=1, device="cpu", name="gearnet")
    together = embed_structures(encoder, made, residue_budget=1000, device="cpu", name="gearnet")
    assert alone[0] == together[0] == [s.id for s in made]
    assert alone[2] == together[2] == []
    np.testing.assert_allclose(alone[1], together[1], rtol=1e-4, atol=1e-4)
    assert together[1].dtype == np.float32


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ("rejected", "too short for this test"),
        ("fault", "unexpected IndexError: index 3 is out of bounds"),
        ("memory", "not enough memory for its 20 residues on cpu"),
        ("nan", "its embedding is not finite"),
    ],
)
def test_a_protein_that_fails_is_a_loss_with_its_reason_and_the_others_get_rows(trouble: str, reason: str) -> None:
    made = proteins([10, 20, 30])
    ids, rows, omissions = embed_structures(
        Troubled(P001=trouble), made, residue_budget=1000, device="cpu", name="baseline"
    )
    assert ids == ["P000", "P002"]
    np.testing.assert_array_equal(rows, Composition().embed([made[0], made[2]]).numpy())
    assert [(x.id, x.stage, x.encoder, x.reason) for x in omissions] == [("P001", "embed", "baseline", reason)]


def test_a_batch_that_does_not_fit_into_memory_is_taken_one_by_one() -> None:
    encoder = Troubled(P001="company")
    ids, _, omissions = embed_structures(
        encoder, proteins([10, 20, 30]), residue_budget=99, device="cpu", name="baseline"
    )
    assert (ids, omissions) == (["P000", "P001", "P002"], [])
    assert encoder.batches == [3, 1, 1, 1]


def test_an_error_that_spares_no_protein_is_raised() -> None:
    with pytest.raises(IndexError, match="out"):
        embed_structures(
            Troubled(P000="fault", P001="fault"), proteins([9, 9]), residue_budget=9, device="cpu", name="baseline"
        )


@pytest.mark.parametrize("kind", [RuntimeError, torch.AcceleratorError])
def test_an_error_that_breaks_the_gpu_ends_the_job_and_loses_no_protein(kind: type[RuntimeError]) -> None:
    encoder = Troubled(P001="illegal")
    encoder.broken_with = kind
    with pytest.raises(kind, match="illegal memory access"):
        embed_structures(encoder, proteins([10, 20, 30]), residue_budget=1, device="cpu", name="baseline")


@pytest.mark.parametrize(("faults", "n", "ends"), [(3, 10, False), (4, 10, True), (4, 100, False), (6, 100, True)])
def test_more_faults_than_five_in_a_hundred_end_the_job(faults: int, n: int, ends: bool) -> None:
    encoder = Troubled(**{f"P{i:03d}": "fault" for i in range(faults)})
    made = proteins([9] * n)
    if ends:
        with pytest.raises(IndexError, match="out"):
            embed_structures(encoder, made, residue_budget=99, device="cpu", name="baseline")
    else:
        assert len(embed_structures(encoder, made, residue_budget=99, device="cpu", name="baseline")[2]) == faults


class SmallGpu(Composition):
    """The baseline on a device (torch's `meta`, which holds no numbers) that has no memory for anything."""

    def forward(self, batch: Batch) -> Tensor:
        if batch["types"].device.type != "cpu":
            raise torch.OutOfMemoryError("the test's GPU is full")
        return super().forward(batch)


class SmallEverywhere(SmallGpu):
    """As `SmallGpu`, with a processor that lacks memory for long proteins."""

    def collate(self, features: Sequence[Features]) -> Batch:
        if len(features[0]["types"]) > 25:
            raise MemoryError
        return super().collate(features)


def test_a_protein_that_a_gpu_has_no_memory_for_is_embedded_on_the_processor() -> None:
    made = proteins([10, 20, 30])
    expected = Composition().embed(made).numpy()
    ids, rows, omissions = embed_structures(SmallGpu(), made, residue_budget=99, device="meta", name="baseline")
    assert (ids, omissions) == (["P000", "P001", "P002"], [])
    np.testing.assert_array_equal(rows, expected)
    ids, rows, omissions = embed_structures(SmallEverywhere(), made, residue_budget=1, device="meta", name="baseline")
    assert ids == ["P000", "P001"]
    assert [x.reason for x in omissions] == ["not enough memory for its 30 residues on meta and on cpu"]


def test_a_protein_alone_in_its_shard_costs_itself_only() -> None:
    ids, rows, omissions = embed_structures(
        Troubled(P000="fault"), proteins([9]), residue_budget=9, device="cpu", name="baseline"
    )
    assert (ids, rows.shape) == ([], (0, Composition.dimension))
    assert [omission.reason for omission in omissions] == ["unexpected IndexError: index 3 is out of bounds"]


def test_nothing_to_embed_gives_no_rows() -> None:
    ids, rows, omissions = embed_structures(Composition(), [], residue_budget=9, device="cpu", name="baseline")
    assert (ids, rows.shape, omissions) == ([], (0, Composition.dimension), [])


def test_a_full_memory_is_recognised_on_the_cpu() -> None:
    with pytest.raises(RuntimeError) as fault:
        torch.empty(2**60)
    assert is_out_of_memory(fault.value)
    assert not is_out_of_memory(RuntimeError("shapes differ"))
    assert is_out_of_memory(RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"))


class Silent(Composition):
    """Reads residues and does not say which."""

    def residues_read(self, structure: Structure, n: int) -> None:
        return None


def test_rows_of_residues_that_have_no_name_are_one_line() -> None:
    with pytest.raises(
        UserError, match=r"^P000: quiet has 7 rows for 7 residues and does not say which these are, [^\n]*$"
    ):
        embed_residues(Silent(), proteins([7]), residue_budget=None, device="cpu", name="quiet")
