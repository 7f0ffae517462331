"""TF-IDF of a text's words, a baseline without a language model.

Words and pairs of neighbouring words are hashed, weighted, and reduced by a sparse random projection with a fixed
seed. Nothing is fitted to the texts that are embedded, so a shard's rows do not depend on other shards and no test
text reaches a row of another protein. Inverse document frequencies come from reference texts alone: give the texts of
the proteins on which encoders are trained, which no split ever tests on. Without a reference all words weigh the same.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ....storage.embeddings import TextWeights
from ....storage.files import digest_of
from ....storage.ledger import Omission
from .block import Tfidf

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_N_HASHES = 1 << 18  # some thousand different words: hardly any two share a place
_PLACES = 8  # coordinates of the embedding that one word reaches (a sparse Johnson-Lindenstrauss projection)
_SEED = 20241105


def embed_texts(
    config: Tfidf,
    ids: Sequence[str],
    texts: Sequence[str],
    *,
    cache_dir: Path | None = None,
    device: str = "cpu",
    adapter: Path | None = None,
    reference: Sequence[str] = (),
) -> tuple[list[str], NDArray[np.float32], list[Omission], TextWeights]:
    """Rows (n, dimension) float32 of unit length in expectation, one a text; a text without words is an omission.

    `cache_dir`, `device` and `adapter` are there because every text encoder is called alike; they change nothing.
    """
    counts = count_words(texts)
    kept = np.flatnonzero(np.diff(counts.indptr)).tolist()
    weighted = weigh_words(counts[kept], reference)
    rows = np.asarray((weighted @ projection(config.dimension)).todense(), dtype=np.float32)
    omissions = [
        Omission(ids[i], "embed", config.name, "its text has no words") for i in sorted(set(range(len(ids))) - {*kept})
    ]
    return [ids[i] for i in kept], rows, omissions, _weights(reference)


def count_words(texts: Sequence[str]) -> "csr_matrix":
    """(n, 2^18) counts of hashed words and pairs of neighbouring words, in lower case; single letters count (chains)."""
    from sklearn.feature_extraction.text import HashingVectorizer

    hasher = HashingVectorizer(
        n_features=_N_HASHES, ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", norm=None, alternate_sign=False
    )
    return hasher.transform(list(texts))


def weigh_words(counts: "csr_matrix", reference: Sequence[str]) -> "csr_matrix":
    """Rows of unit length: (1 + ln count) x idf, with scikit-learn's smoothed idf over the reference texts."""
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.preprocessing import normalize

    weighted = counts.astype(np.float64)
    np.log(weighted.data, out=weighted.data)
    weighted.data += 1
    if reference:
        idf = TfidfTransformer(smooth_idf=True).fit(count_words(reference)).idf_
        weighted = weighted.multiply(idf[None, :]).tocsr()
    return normalize(weighted)


@cache
def projection(dimension: int) -> "csr_matrix":
    """(2^18, dimension) random signs at 8 places a row, scaled so that lengths are kept in expectation; always the same."""
    from scipy.sparse import csr_matrix

    rng = np.random.default_rng([_SEED, dimension])
    shape = (_N_HASHES, _PLACES)
    columns, signs = rng.integers(dimension, size=shape), rng.choice([-1.0, 1.0], size=shape)
    starts = np.arange(0, _N_HASHES * _PLACES + 1, _PLACES)
    return csr_matrix((signs.ravel() / np.sqrt(_PLACES), columns.ravel(), starts), shape=(_N_HASHES, dimension))


def _weights(reference: Sequence[str]) -> TextWeights:
    if not reference:
        return TextWeights("none", None, f"fixed random projection, seed {_SEED}")
    return TextWeights(
        "none", None, f"fixed random projection, seed {_SEED}; idf of texts {digest_of(sorted(reference))}"
    )
