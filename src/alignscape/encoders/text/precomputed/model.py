"""A text encoder whose rows were made elsewhere: each protein's is looked up by its id, whatever its text."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ....storage.embeddings import TextWeights
from ....storage.ledger import Omission
from ...row_file import read_rows, sha256_of
from ..interface import TextRows
from .block import PrecomputedText


def embed_texts(
    config: PrecomputedText,
    ids: Sequence[str],
    texts: Sequence[str],
    *,
    cache_dir: Path | None = None,
    device: str = "cpu",
    adapter: Path | None = None,
    reference: Sequence[str] = (),
) -> TextRows:
    """Rows (n, d) float32 as they were given; an id without one that can be used is an omission.

    What else is there because every text encoder is called alike changes nothing. Raises UserError, one line, for a file
    or folder that is no table of rows.
    """
    table = read_rows(config.rows, ids=config.ids)
    reasons = {id_: reason for id_ in ids if (reason := table.why_not(id_))}
    found = [id_ for id_ in ids if id_ not in reasons]
    rows = np.array([table.row(id_) for id_ in found], dtype=np.float32).reshape(len(found), table.dimension)
    omissions = [Omission(id_, "embed", config.name, reason) for id_, reason in reasons.items()]
    return found, rows, omissions, TextWeights("given", sha256_of(config.rows, ids=config.ids), str(config.rows))
