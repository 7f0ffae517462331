"""What `check-encoder` finds of text encoders that are known to keep, or to break, each promise."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from alignscape.encoders.checking.findings import TEXT
from alignscape.encoders.checking.text_check import check_text_encoder
from alignscape.storage.embeddings import EmbeddingMeta
from alignscape.storage.ledger import Omission

Change = Callable[[np.ndarray, Sequence[str]], np.ndarray]
CALLS: list[int] = []


def letters(texts: Sequence[str]) -> np.ndarray:
    """How often each letter is in a text."""
    return np.array([[text.lower().count(chr(97 + i)) for i in range(26)] for text in texts], dtype=np.float32)


def embedder(change: Change = lambda rows, texts: rows, *, takes: Callable[[str], bool] = bool, says: bool = True):
    """An encoder of letters whose rows are changed, and that leaves out what it does not take, with a reason or without."""

    def embed(ids, texts):
        CALLS.append(len(texts))
        kept = [i for i, text in enumerate(texts) if takes(text)]
        lost = [Omission(ids[i], "embed", "letters", "not for me") for i in range(len(ids)) if i not in kept]
        chosen = [texts[i] for i in kept]
        rows = np.asarray(change(letters(chosen).reshape(len(kept), 26), chosen), dtype=np.float32)
        about = EmbeddingMeta(
            [ids[i] for i in kept], "letters", "none", None, "", rows.shape[1], "float32", 0, lost * says
        )
        return rows, about

    return embed


def _fails_with_empty(rows, texts):
    if "" in texts:
        raise ValueError("no tokens")
    return rows


def _overflows(rows, texts):
    return np.where([[len(text) < 5000] for text in texts], rows, np.inf)


BROKEN = {
    "width": (embedder(lambda rows, texts: rows[:, : 1 + len(texts)]), set()),
    "taken": (embedder(takes=lambda text: len(text.split()) != 1), set()),
    "distinct": (embedder(lambda rows, texts: np.ones_like(rows)), set()),
    "deterministic": (embedder(lambda rows, texts: rows + len(CALLS)), {"batch"}),
    "batch": (embedder(lambda rows, texts: rows - rows.mean(axis=0)), set()),
    "empty": (embedder(_fails_with_empty, takes=lambda text: True), set()),
    "large": (embedder(lambda rows, texts: rows, takes=lambda text: 0 < len(text) < 5000, says=False), {"empty"}),
}  # fmt: skip


def check(embed, **options):
    return check_text_encoder(embed, name="letters", not_promised={}, device="cpu", **options)


def test_an_encoder_that_keeps_its_promises_is_cleared() -> None:
    found = check(embedder())
    assert [(f.asked, f.holds) for f in found.findings] == [(asked, True) for asked in TEXT]
    assert found.broken == []


@pytest.mark.parametrize("asked", sorted(TEXT))
def test_each_broken_promise_is_found(asked: str) -> None:
    embed, follows = BROKEN[asked]
    broken = {finding.asked: finding.detail for finding in check(embed).broken}
    assert asked in broken
    assert follows <= set(broken)
    assert all(broken.values())


def test_a_row_that_is_not_finite_counts_as_none() -> None:
    found = check(embedder(_overflows, takes=lambda text: True))
    assert [f.asked for f in found.broken] == ["large"]
    assert "not finite" in found.broken[0].detail


def test_what_would_take_too_long_is_not_tried() -> None:
    found = check(embedder(), too_long="about 300 seconds")
    large = next(f for f in found.findings if f.asked == "large")
    assert (large.holds, large.in_a_word, large.detail) == (None, "not tried", "it would take about 300 seconds")
    assert found.broken == []
