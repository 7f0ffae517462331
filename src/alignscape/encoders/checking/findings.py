"""What is asked of an encoder, and what was found: whether it holds, and whether the encoder promises it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from ...config.block import unknown_name
from ...errors import UserError

# What a table calls each thing that is asked. Every encoder promises all of it, but for OPEN, unless its block says no.
STRUCTURE = {
    "width": "rows are as wide as it says, in float32",
    "taken": "a finite row for every protein that meets its requirement",
    "distinct": "different proteins have different rows",
    "deterministic": "the same rows when it is called again",
    "batch": "a row does not depend on what else is in the batch",
    "rotation": "the same row after a rotation",
    "translation": "the same row in another place",
    "atom_order": "the same row whatever the order of a residue's atoms",
    "chain_order": "the same row whatever the order of the chains",
    "mirror_image": "tells a protein from its mirror image",
    "one_residue": "a protein of one residue has a finite row or is left out with a reason",
    "large": "a protein of 2,000 residues has a finite row",
}
TEXT = {
    "width": "rows are of one width, in float32",
    "taken": "a finite row for every text",
    "distinct": "different texts have different rows",
    "deterministic": "the same rows when it is called again",
    "batch": "a row does not depend on what else is in the batch, nor on the order",
    "empty": "an empty text has a finite row or is left out with a reason, and costs no other its row",
    "large": "a text of 2,000 words has a finite row or is left out with a reason, and costs no other its row",
}
ASKED = {"structure": STRUCTURE, "text": TEXT}
OPEN = frozenset({"mirror_image"})  # nobody promises it: it may be either


@dataclass(frozen=True)
class Finding:
    """One thing that was asked of an encoder."""

    asked: str  # a key of ASKED's
    holds: bool | None  # None: it was not tried, or there was nothing to try it on
    detail: str = ""
    not_promised: str = ""  # why the encoder does not promise it; "" if it does
    is_open: bool = False

    @property
    def is_broken(self) -> bool:
        """Whether a promise does not hold."""
        return self.holds is False and not self.not_promised and not self.is_open

    @property
    def in_a_word(self) -> str:
        """yes, no, broken, or not tried; what happens to hold without being promised is said apart."""
        if self.holds is None:
            return "not tried"
        if self.holds:
            return "yes, here" if self.not_promised else "yes"
        return "broken" if self.is_broken else "no"


@dataclass(frozen=True)
class Checked:
    """All that was found of one encoder, and what it takes."""

    kind: Literal["structure", "text"]
    encoder: str
    about: str  # weights state, width and number type in words
    on: str  # what it was tried on
    findings: list[Finding]
    takes: Mapping[str, float]  # e.g. milliseconds a residue; empty if not measured

    @property
    def broken(self) -> list[Finding]:
        """The promises that do not hold."""
        return [finding for finding in self.findings if finding.is_broken]

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        words = ASKED[self.kind]
        findings = [
            asdict(f) | {"in_a_word": f.in_a_word, "is_broken": f.is_broken, "in_words": words[f.asked]}
            for f in self.findings
        ]
        return {**vars(self), "findings": findings, "takes": dict(self.takes)}


def with_promises(findings: list[Finding], not_promised: Mapping[str, str], *, name: str) -> list[Finding]:
    """The findings with what the encoder does not promise, and why. Raises UserError for a word that nothing is called by."""
    asked = {finding.asked for finding in findings}
    for word in not_promised:
        if word not in asked:
            raise UserError(unknown_name(f"{name}: `not_promised` of its block", word, sorted(asked)))
    return [replace(f, not_promised=not_promised.get(f.asked, ""), is_open=f.asked in OPEN) for f in findings]
