"""The TF-IDF baseline: close to scikit-learn's, and the same for a text whatever it is embedded with."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from alignscape.encoders.text.tfidf.block import Tfidf
from alignscape.encoders.text.tfidf.model import embed_texts
from tests.helpers.tiny_models import TEXTS

IDS = [f"{n}ABC" for n in range(len(TEXTS))]
CONFIG = Tfidf(encoder="tfidf", name="words", dimension=4096)


def embed(texts: list[str], **options: object) -> np.ndarray:
    return embed_texts(CONFIG, [f"{n}ABC" for n in range(len(texts))], texts, **options)[1]


@pytest.mark.parametrize("reference", [(), tuple(TEXTS[2:])])
def test_cosines_are_those_of_tfidf(reference: tuple[str, ...]) -> None:
    """Projected rows have scikit-learn's TF-IDF cosines, up to the projection's error."""
    exact = TfidfVectorizer(
        ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", sublinear_tf=True, use_idf=bool(reference)
    ).fit(TEXTS)
    if reference:
        words = exact.get_feature_names_out()
        counts = (exact.set_params(use_idf=False).transform(reference) > 0).sum(axis=0).A1
        exact.set_params(use_idf=True)
        exact.idf_ = np.log((1 + len(reference)) / (1 + counts)) + 1
        assert len(words) == len(counts)
    expected = exact.transform(TEXTS)
    rows = embed(TEXTS, reference=reference)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert np.abs(rows @ rows.T - (expected @ expected.T).toarray()).max() < 0.06


def test_rows_do_not_depend_on_other_texts() -> None:
    """A text alone gets, bit for bit, the row it gets among others: shards are independent and nothing leaks."""
    together = embed(TEXTS)
    for row, text in zip(together, TEXTS, strict=True):
        assert np.array_equal(embed([text])[0], row)


def test_text_without_words_is_a_loss() -> None:
    ids, rows, omissions, weights = embed_texts(CONFIG, ["A", "B"], ["...", "chain A"])
    assert (ids, rows.shape, weights.state, weights.sha256) == (["B"], (1, 4096), "none", None)
    assert [(omission.id, omission.reason) for omission in omissions] == [("A", "its text has no words")]


def test_single_letters_count() -> None:
    """Chain letters are words: texts that differ in one letter differ."""
    first, second = embed(["chains A and B", "chains A and C"])
    assert not np.allclose(first, second)
