"""The shared ID list: the proteins that every encoder of the study can take, and why the others are not in it."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from ..config.encoders import Requirement
from ..storage.ledger import Omission

_WHAT = {"any": "residues", "ca": "residues with a C-alpha", "backbone": "residues with a whole backbone (N, CA, C, O)"}


class Counts(Protocol):
    """What a requirement is checked against; ProteinFacts has it."""

    @property
    def id(self) -> str: ...
    @property
    def n_residues(self) -> int: ...
    @property
    def n_ca(self) -> int: ...
    @property
    def n_backbone(self) -> int: ...


def reject(counts: Counts, requirement: Requirement) -> str | None:
    """Why a protein does not meet a requirement, in plain words; None if it does."""
    found = {"any": counts.n_residues, "ca": counts.n_ca, "backbone": counts.n_backbone}[requirement.atoms]
    if found >= requirement.min_residues:
        return None
    return f"has {found} {_WHAT[requirement.atoms]}, needs {requirement.min_residues}"


def eligible_ids(
    proteins: Iterable[Counts], requirements: Mapping[str, Requirement]
) -> tuple[list[str], list[Omission]]:
    """The sorted ids that all encoders take, and an omission for every (protein, encoder) that does not fit.

    requirements: by encoder name.
    """
    taken, omissions = [], []
    for counts in proteins:
        reasons = {name: reject(counts, requirement) for name, requirement in requirements.items()}
        omissions += [Omission(counts.id, "eligibility", name, reason) for name, reason in reasons.items() if reason]
        if not any(reasons.values()):
            taken.append(counts.id)
    return sorted(taken), omissions
