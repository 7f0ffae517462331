"""How much a study's proteins and texts are: what an earlier run found, or a look at some of the files, or a guess."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from .plan import Plan

_RESIDUES = 350  # of an ordinary entry
_TOKENS = 80  # of a template's text
_LETTERS = 4  # of a token


@dataclass(frozen=True)
class Sizes:
    """Numbers of a study that its time and memory go with."""

    proteins: int
    training: int  # of them, for training encoders
    residues: float  # of a protein, on average
    tokens: float  # of a text, on average
    basis: str  # how that is known


def sizes_of(plan: Plan, facts: Iterable[dict[str, Any]], *, all_parsed: bool) -> Sizes:
    """The sizes of a study. facts: of its proteins, or of some of them; all_parsed: whether an earlier run left them."""
    lengths = [row["n_residues"] for row in facts]
    n = len(plan.inputs.file_digests)
    tokens = _tokens(plan.all_descriptions())
    residues = fmean(lengths) if lengths else _RESIDUES
    known = "all of them parsed before" if all_parsed else f"{len(lengths)} of them looked at"
    basis = f"{round(residues)} residues each ({known if lengths else 'none looked at: a guess'})"
    return Sizes(n, plan.n_training, residues, tokens or _TOKENS, basis)


def _tokens(descriptions: Path) -> float | None:
    """Tokens of a text, about, if an earlier run wrote the texts."""
    try:
        lines = descriptions.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    texts = [json.loads(line)["text"] for line in lines]
    return fmean(map(len, texts)) / _LETTERS if texts else None
