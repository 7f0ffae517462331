"""What the doctor says of one thing."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["ok", "warning", "failure"]


@dataclass(frozen=True)
class Check:
    """One line of the doctor's."""

    what: str
    outcome: Outcome
    found: str
    remedy: str = ""
