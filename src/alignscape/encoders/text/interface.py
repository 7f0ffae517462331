"""What every text encoder is: a function from texts to rows, with a word on its weights."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...storage.embeddings import TextWeights
from ...storage.ledger import Omission

TextRows = tuple[list[str], NDArray[np.float32], list[Omission], TextWeights]


class EmbedTexts(Protocol):
    """`embed_texts` of a text encoder's module."""

    def __call__(
        self,
        config: Any,
        ids: Sequence[str],
        texts: Sequence[str],
        *,
        cache_dir: Path,
        device: str,
        adapter: Path | None,
        reference: Sequence[str],
    ) -> TextRows:
        """The ids that have a row, in the order given; their rows (n, d) float32; an omission for each other id; the weights.

        config: the encoder's block. adapter: a LoRA adapter's folder, for a block that `takes_adapter`. reference: the
        texts of the encoder-training proteins, for a block that `counts_over_reference`, else none. Raises UserError for
        a model that cannot be had.
        """
        ...
