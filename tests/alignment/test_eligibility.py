"""The shared ID list holds what every encoder can take; everything else has a reason."""

from dataclasses import dataclass

from alignscape.alignment.eligibility import eligible_ids, reject
from alignscape.config.encoders import Requirement


@dataclass
class Counts:
    id: str
    n_residues: int = 50
    n_ca: int = 50
    n_backbone: int = 50


def test_a_requirement_names_what_is_missing():
    assert reject(Counts("A"), Requirement("backbone", 3)) is None
    assert reject(Counts("A", n_backbone=2), Requirement("backbone", 3)) == (
        "has 2 residues with a whole backbone (N, CA, C, O), needs 3"
    )


def test_the_list_is_the_sorted_intersection_and_every_loss_is_named():
    proteins = [Counts("B"), Counts("A"), Counts("CA", n_backbone=0), Counts("TINY", 2, 2, 2)]
    needs = {"gat": Requirement("any", 3), "gvp": Requirement("backbone", 3), "composition": Requirement()}
    ids, omissions = eligible_ids(proteins, needs)
    assert ids == ["A", "B"]
    assert {(omission.id, omission.encoder) for omission in omissions} == {
        ("CA", "gvp"),
        ("TINY", "gat"),
        ("TINY", "gvp"),
    }
