"""Proteins whose descriptions say the same."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def text_groups(texts: Sequence[str], ids: Sequence[str]) -> NDArray[np.int64]:
    """(n,) group numbers: equal for proteins whose descriptions differ in nothing but the protein's id."""
    bare = [_without(id_, text) for text, id_ in zip(texts, ids, strict=True)]
    number = {text: k for k, text in enumerate(sorted(set(bare)))}
    return np.array([number[text] for text in bare], dtype=np.int64)


def _without(id_: str, text: str) -> str:
    """A text without its protein's id, whatever the id's case."""
    if not (text.isascii() and id_.isascii()):  # letters that have another length in the other case
        return re.sub(re.escape(id_), "", text, flags=re.IGNORECASE)
    low, wanted, parts, start = text.lower(), id_.lower(), [], 0
    while wanted and (found := low.find(wanted, start)) >= 0:  # a pattern for each of many ids would take far longer
        parts.append(text[start:found])
        start = found + len(wanted)
    return "".join(parts) + text[start:]
