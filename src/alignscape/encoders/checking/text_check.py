"""A text encoder tried on short texts."""

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...storage.embeddings import EmbeddingMeta
from .findings import Checked, Finding, with_promises
from .likeness import are_distinct, are_same
from .memory_taken import memory_taken

# Rows of texts with their ids, and the sidecar: each call loads the model.
Embed = Callable[[Sequence[str], Sequence[str]], tuple[NDArray[np.float32], EmbeddingMeta]]
Rows = dict[str, NDArray[np.float32]]  # by id

TEXTS = (
    "Ubiquitin.",
    "A zinc finger from mouse.",
    "Crambin, a small plant protein of 46 residues.",
    "This protein inhibits trypsin. It has 58 residues.",
    "A toxin of a green mamba, held together by four disulfide bonds.",
    "The chain A binds DNA; chain B is the same protein again.",
    "Lysozyme cuts the cell walls of bacteria, and it is found in egg white.",
    "β-Lactamase (EC 3.5.2.6) breaks penicillins down: 263 residues, one chain.",
    "A heat-shock protein that keeps other proteins from sticking to each other when a cell is too warm.",
    "Two enzymes of one pathway, from yeast, in one file. The first makes what the second one takes, and both need magnesium.",
)
_IDS = tuple(f"text {number}" for number in range(1, 1 + len(TEXTS)))
_LARGE = 2000  # words


def check_text_encoder(
    embed: Embed, *, name: str, not_promised: dict[str, str], device: str, too_long: str = ""
) -> Checked:
    """What holds of an encoder on ten texts, an empty one and a long one.

    too_long: how long the long one would take, where that is longer than anyone waits; it is left out then.
    """
    check = _Check(embed)
    alone, least = check.timed(_IDS[-1:], TEXTS[-1:])
    (rows, seconds), memory = memory_taken(lambda: check.timed(_IDS, TEXTS), device=device)
    again = check.rows(_IDS, TEXTS)
    empty, turned = check.odd("empty", "", rows, beside=_IDS[1::-1])
    large = Finding("large", None, f"it would take {too_long}")
    if not too_long:
        large, _ = check.odd("large", "protein " * _LARGE, rows, beside=_IDS[-1:])
    others = alone | turned
    findings = [
        check.width(rows, alone),
        check.taken(rows),
        are_distinct(rows),
        check.same("deterministic", rows, again, among=rows),
        check.same("batch", {id_: row for id_, row in rows.items() if id_ in others}, others, among=rows),
        empty,
        large,
    ]
    takes = {"milliseconds_a_text": 1e3 * max(0.0, seconds - least) / (len(TEXTS) - 1), "MB": memory / 1e6}
    about = f"weights: {check.meta.weights_state}; {check.meta.dimension} dimensions, computed in {check.meta.dtype}"
    tried_on = f"{len(TEXTS)} texts of {_words(TEXTS[0])} to {_words(TEXTS[-1])} words"
    return Checked("text", name, about, tried_on, with_promises(findings, not_promised, name=name), takes)


class _Check:
    """Rows of one encoder, and why texts have none."""

    def __init__(self, embed: Embed) -> None:
        self.embed = embed
        self.why_lost: dict[str, str] = {}
        self.meta: EmbeddingMeta

    def rows(self, ids: Sequence[str], texts: Sequence[str]) -> Rows:
        """The finite rows by id."""
        rows, self.meta = self.embed(ids, texts)
        self.why_lost |= {omission.id: omission.reason for omission in self.meta.omissions}
        found = dict(zip(self.meta.ids, rows, strict=True))
        self.why_lost |= {id_: "its row is not finite" for id_, row in found.items() if not np.isfinite(row).all()}
        return {id_: row for id_, row in found.items() if np.isfinite(row).all()}

    def timed(self, ids: Sequence[str], texts: Sequence[str]) -> tuple[Rows, float]:
        """The rows, and the seconds that they took."""
        start = time.perf_counter()
        return self.rows(ids, texts), time.perf_counter() - start

    def width(self, rows: Rows, alone: Rows) -> Finding:
        """Whether a row is as wide whatever it was made with."""
        widths = sorted({row.shape for row in (*rows.values(), *alone.values())})
        kinds = sorted({str(row.dtype) for row in rows.values()})
        if not widths:
            return Finding("width", None, "there is no row")
        found = f"{' and '.join(str(shape[0]) for shape in widths)} numbers in {' and '.join(kinds)}"
        return Finding("width", len(widths) == 1 and kinds == ["float32"], found)

    def taken(self, rows: Rows) -> Finding:
        """Whether all texts have a row."""
        lost = [id_ for id_ in _IDS if id_ not in rows]
        reason = f"{lost[0]}: {self.why_lost.get(lost[0], 'lost')}" if lost else f"all {len(_IDS)}"
        return Finding("taken", not lost, reason)

    def same(self, asked: str, rows: Rows, others: Rows, *, among: Rows) -> Finding:
        """See `are_same`."""
        return are_same(asked, rows, others, among=among, number_type=self.meta.dtype, why_lost=self.why_lost)

    def odd(self, asked: str, text: str, rows: Rows, *, beside: Sequence[str]) -> tuple[Finding, Rows]:
        """An odd text beside others: it has a row or a reason, and the others keep their rows, which are returned."""
        others = [id_ for id_ in beside if id_ in rows]
        self.why_lost.pop(asked, None)
        try:
            found = self.rows([*others, asked], [*(TEXTS[_IDS.index(id_)] for id_ in others), text])
        except Exception as fault:
            return Finding(asked, False, f"{type(fault).__name__}: {' '.join(str(fault).split())[:200]}"), {}
        if lost := [id_ for id_ in others if id_ not in found]:
            return Finding(asked, False, f"it costs {lost[0]} its row: {self.why_lost.get(lost[0], 'lost')}"), {}
        if (row := found.pop(asked, None)) is not None:
            return Finding(asked, True, f"a row of {len(row)} numbers"), found
        said = asked in {omission.id for omission in self.meta.omissions}
        return Finding(asked, said, f"left out: {self.why_lost.get(asked, 'without a word')}"), found


def _words(text: str) -> int:
    return len(text.split())
