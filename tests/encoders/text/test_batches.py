"""Batches keep the budget, lose no text, and waste no more padding than the best way to cut."""

from functools import cache
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alignscape.encoders.text.batches import fill_batches, pad_right


@given(lengths=st.lists(st.integers(0, 300), max_size=40), budget=st.integers(16, 2000))
def test_batches_hold_every_text_once_within_the_budget(lengths: list[int], budget: int) -> None:
    batches = fill_batches(lengths, token_budget=budget)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= budget
    ordered = [lengths[i] for batch in batches for i in batch]
    assert all(first >= second for first, second in pairwise(ordered))


@given(lengths=st.lists(st.integers(1, 120), min_size=1, max_size=12), budget=st.integers(16, 600))
def test_no_other_cut_is_cheaper(lengths: list[int], budget: int) -> None:
    """Padded tokens plus 96 a batch are those of the best cut, found by trying all."""
    ordered = sorted(lengths, reverse=True)

    @cache
    def cheapest(start: int) -> int:
        if start == len(ordered):
            return 0
        ends = [
            e for e in range(start + 1, len(ordered) + 1) if e == start + 1 or (e - start) * ordered[start] <= budget
        ]
        return min(96 + (end - start) * ordered[start] + cheapest(end) for end in ends)

    found = sum(96 + len(batch) * lengths[batch[0]] for batch in fill_batches(lengths, token_budget=budget))
    assert found == cheapest(0)


def test_many_texts_are_cut_quickly() -> None:
    """Twenty thousand texts take no time that counts."""
    import time

    lengths = np.random.default_rng(0).integers(40, 400, size=20_000).tolist()
    began = time.process_time()
    batches = fill_batches(lengths, token_budget=32_768)
    assert time.process_time() - began < 3
    padded = sum(len(batch) * lengths[batch[0]] for batch in batches)
    assert padded < 1.02 * sum(lengths)


def test_padding_is_on_the_right() -> None:
    assert pad_right([[1, 2, 3], [4]], fill=-1).tolist() == [[1, 2, 3], [4, -1, -1]]
