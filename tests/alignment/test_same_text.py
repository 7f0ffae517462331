"""Texts that differ in the id alone, against the pattern and the sort that say what that means."""

import re

import numpy as np

from alignscape.alignment.same_text import text_groups


def test_texts_that_differ_in_the_id_alone_are_one_group():
    texts = ["Protein 1ABC is lysozyme.", "Protein 1abc is barnase.", "Protein 2XYZ is lysozyme.", "Protein 3Q is x."]
    groups = text_groups(texts, ["1ABC", "1ABC", "2XYZ", "3Q"])
    assert groups[0] == groups[2]
    assert len(np.unique(groups)) == 3


def test_groups_are_numbered_as_a_sort_of_the_texts_without_their_ids_numbers_them():
    """In any case, several times in a row, also where letters have another length in the other case (İ, ſ)."""
    ids = ["1ab", "1AB", "aa", "K", "ſ", "İx", "", "q.q"]
    texts = ["of 1AB1ab, 1aB", "of , 1ab", "aaaAab", "k and \u212a", "S ſ s", "i̇X İx", "as it is", "qxq q.Q"]
    bare = [re.sub(re.escape(i), "", text, flags=re.IGNORECASE) for i, text in zip(ids, texts, strict=True)]
    assert text_groups(texts, ids).tolist() == np.unique(bare, return_inverse=True)[1].tolist()


def test_one_long_text_does_not_make_all_others_as_long():
    """An array of text gives every text the room of the longest: 4 GB here."""
    n = 10_000
    assert len(set(text_groups(["x" * 100_000, *map(str, range(n))], [""] * (n + 1)).tolist())) == n + 1
