"""What `check-encoder` finds of encoders that are known to keep, or to break, each promise."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch

from alignscape.config.encoders import Cost, Requirement, StructureEncoderBlock
from alignscape.encoders.by_name import ready_structure_encoder
from alignscape.encoders.checking.findings import OPEN, STRUCTURE
from alignscape.encoders.checking.structure_check import check_in_short, check_structure_encoder
from alignscape.encoders.structure.gearnet.block import GearNet
from alignscape.encoders.structure.interface import StructureEncoder
from alignscape.encoders.structure.proteinmpnn.block import ProteinMpnn
from alignscape.encoders.structure.rows import Ready, make_ready
from alignscape.encoders.structure.weights import WeightsInfo
from alignscape.errors import ProteinRejected, UserError


class Steady(StructureEncoder):
    """Keeps every promise: how far C-alphas lie from their middle, and how many residues there are."""

    dimension = residue_dimension = 2
    requirement = Requirement("ca", 1)

    def featurise(self, structure):
        xyz = structure.ca[structure.has_ca].astype(np.float64)
        out = np.linalg.norm(xyz - xyz.mean(axis=0), axis=1)
        return {"rows": torch.from_numpy(np.stack([out, np.full(len(out), len(out) / 50)], axis=1)).float()}

    def collate(self, features):
        sizes = torch.tensor([len(f["rows"]) for f in features])
        protein = torch.repeat_interleave(torch.arange(len(features)), sizes)
        return {
            "rows": torch.cat([f["rows"] for f in features]),
            "residue_protein": protein,
            "n_proteins": len(features),
        }

    def forward(self, batch):
        return batch["rows"]

    def readout(self, residues, batch):
        total = residues.new_zeros(batch["n_proteins"], residues.shape[1])
        total.index_add_(0, batch["residue_protein"], residues)
        return total / torch.bincount(batch["residue_protein"], minlength=batch["n_proteins"])[:, None]


def _features(change):
    """A Steady encoder whose features (n, 2) of a protein are changed."""

    class Changed(Steady):
        def featurise(self, structure):
            return {"rows": change(structure, super().featurise(structure)["rows"])}

    return Changed()


def _add(column):
    """A Steady encoder to whose first number of each residue another one is added."""
    return _features(lambda s, rows: rows + torch.tensor([1.0, 0.0]) * torch.as_tensor(column(s), dtype=torch.float32))


class BatchBound(Steady):
    def forward(self, batch):
        return batch["rows"] - batch["rows"].mean(dim=0)


class Restless(Steady):
    def forward(self, batch):
        return batch["rows"] + 0.1 * torch.rand(1)


class Narrower(Steady):
    dimension = 3


class Picky(Steady):
    def featurise(self, structure):
        if structure.n_residues < 40:
            raise ProteinRejected("too short for me")
        return super().featurise(structure)


def _deviation(structure, rows):
    return rows * (len(rows) - 1) / (len(rows) - 1 if len(rows) > 1 else float("nan"))


def _overflow(structure, rows):
    return rows / (structure.n_residues < 1000)


def _first_atom(structure):
    first = np.searchsorted(structure.atom_residue, np.flatnonzero(structure.has_ca))
    return (structure.atom_element[first] == 8)[:, None]


def _height(structure):
    xyz = structure.ca[structure.has_ca]
    return (xyz - xyz.mean(axis=0))[:, 2:] ** 2


def _place(structure):
    return np.linalg.norm(structure.ca[structure.has_ca], axis=1, keepdims=True)


def _early(structure):
    return structure.residue_type[structure.has_ca][:, None] / np.arange(1, structure.has_ca.sum() + 1)[:, None]


def _hand(structure):
    a, b, c = (
        np.diff(structure.ca[structure.has_ca][:4].astype(np.float64), axis=0) if len(structure.ca) > 3 else np.eye(3)
    )
    return np.sign(np.dot(a, np.cross(b, c)))  # of the first four C-alphas


# The encoder, what it breaks, and what must break with it: a row in another place turns about another centre, too.
BROKEN = {
    "rotation": (lambda: _add(_height), set()),
    "translation": (lambda: _add(_place), set()),
    "atom_order": (lambda: _add(_first_atom), set()),
    "chain_order": (lambda: _add(_early), set()),
    "batch": (BatchBound, set()),
    "deterministic": (Restless, {"batch", "rotation", "translation", "atom_order", "chain_order"}),
    "one_residue": (lambda: _features(_deviation), set()),
    "large": (lambda: _features(_overflow), set()),
    "width": (Narrower, set()),
    "taken": (Picky, {"one_residue"}),
    "distinct": (lambda: _features(lambda structure, rows: torch.ones_like(rows)), set()),
}  # fmt: skip


def made(encoder: StructureEncoder, **not_promised: str) -> Ready:
    class Made(StructureEncoderBlock):
        encoder: Literal["made"]

        def not_promised(self):
            return not_promised

        def cost(self):
            return Cost(0.01)

    block = Made(name="made", encoder="made", weights="random")
    return Ready(block, encoder, WeightsInfo("none", None, ""), seed=0)


def test_an_encoder_that_keeps_its_promises_is_cleared() -> None:
    found = check_structure_encoder(made(Steady()), device="cpu")
    assert [f.asked for f in found.findings if f.holds is not True] == ["mirror_image"]
    assert {f.asked for f in found.findings} == set(STRUCTURE)
    assert found.broken == []
    assert found.takes["milliseconds_a_residue"] > 0


@pytest.mark.parametrize("asked", sorted(set(STRUCTURE) - OPEN))
def test_each_broken_promise_is_found_and_no_other(asked: str) -> None:
    build, follows = BROKEN[asked]
    found = check_structure_encoder(made(build()), device="cpu")
    assert {finding.asked for finding in found.broken} == {asked, *follows}
    (broken,) = (finding for finding in found.broken if finding.asked == asked)
    assert broken.detail
    assert broken.in_a_word == "broken"


def test_what_is_not_promised_is_no_broken_promise() -> None:
    found = check_structure_encoder(made(_add(_height), rotation="it reads heights"), device="cpu")
    assert found.broken == []
    assert next(f for f in found.findings if f.asked == "rotation").in_a_word == "no"
    steady = check_structure_encoder(made(Steady(), rotation="it may change"), device="cpu")
    assert next(f for f in steady.findings if f.asked == "rotation").in_a_word == "yes, here"


def test_a_word_that_nothing_is_called_by_is_refused() -> None:
    with pytest.raises(UserError, match=r"not_promised.*'rotatoin' is not one of .*did you mean 'rotation'"):
        check_structure_encoder(made(Steady(), rotatoin="a slip"), device="cpu")


def test_mirror_images_are_told_apart_or_not_and_neither_breaks_a_promise() -> None:
    for encoder, apart in ((Steady(), False), (_add(_hand), True)):
        found = check_structure_encoder(made(encoder), device="cpu")
        assert next(f for f in found.findings if f.asked == "mirror_image").holds is apart
        assert found.broken == []


def test_an_encoder_that_fails_with_all_proteins_is_said_to_and_raises_nothing() -> None:
    class Failing(Steady):
        def forward(self, batch):
            raise RuntimeError("no such layer")

    found = check_structure_encoder(made(Failing()), device="cpu")
    assert {"taken", "one_residue", "large"} <= {f.asked for f in found.broken}
    assert "no such layer" in next(f for f in found.findings if f.asked == "taken").detail


def test_what_takes_long_by_the_table_is_tried_on_less() -> None:
    """By the table alone, so that what is tried does not depend on the machine."""
    ready = made(Steady())
    type(ready.block).cost = lambda self: Cost(1000.0)  # milliseconds a residue
    found = check_structure_encoder(ready, device="cpu")
    assert found.on == "3 proteins of 37 to 60 residues"
    assert next(f for f in found.findings if f.asked == "large").detail == "it would take about 2000 seconds"
    assert found.broken == []


@pytest.mark.parametrize(
    ("name", "weights", "apart"),
    [("composition", None, False), ("gvp", "random", True), ("proteinmpnn", None, True), ("gearnet", "shipped", False), ("scannet", "shipped", True), ("gat", "shipped", False)],
)  # fmt: skip
def test_encoders_of_alignscape_keep_what_they_promise(name: str, weights: str | None, apart: bool) -> None:
    """Only those that read distances alone cannot tell mirror images apart."""
    ready = ready_structure_encoder(name, weights=weights, seed=0, cache_dir=Path("none"))
    found = check_in_short(ready, device="cpu")
    assert found.broken == []
    assert next(f for f in found.findings if f.asked == "mirror_image").holds is apart


def test_the_c_alpha_model_says_that_it_turns_with_the_protein() -> None:
    """As published; `check-encoder` finds it, and its block says so beforehand."""
    block = ProteinMpnn(name="alpha", encoder="proteinmpnn", checkpoint="ca_48_020")
    found = check_in_short(make_ready(block, seed=0, cache_dir=Path("none"), trained=None), device="cpu")
    turned = next(f for f in found.findings if f.asked == "rotation")
    assert (turned.holds, turned.in_a_word) == (False, "no")
    assert "axes of the file" in turned.not_promised
    assert found.broken == []


def test_chains_in_another_order_change_gearnets_row_as_in_the_original() -> None:
    """In an entry whose chains' ends lie side by side, so that GearNet does not promise the order of chains."""
    block = GearNet(name="gearnet", encoder="gearnet", weights="random", hidden=[16])
    found = check_structure_encoder(make_ready(block, seed=0, cache_dir=Path("none"), trained=None), device="cpu")
    order = next(f for f in found.findings if f.asked == "chain_order")
    assert order.holds is False
    assert order.detail.endswith("in 2BEG")
    assert "as in the original" in order.not_promised
    assert found.broken == []
