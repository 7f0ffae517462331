"""Rows with a value that is not finite: a fault of the number type, which no other text would be spared."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...errors import UserError

# What else to try: float16 overflows above 65504, which the others do not.
_OTHERS = {
    "float16": "float16 overflows above 65504: use dtype: bfloat16, or float32",
    "bfloat16": "use dtype: float32, and if it is not finite there, look at the model's files",
    "float32": "the model's files may be damaged: get them again",
}


def require_finite(rows: NDArray[np.float32], ids: Sequence[str], *, name: str, dtype: str) -> None:
    """Raises UserError, one line that names the number type, if a row (of the protein at its place in `ids`) is not finite."""
    bad = ~np.isfinite(rows).all(axis=tuple(range(1, rows.ndim)))
    if bad.any():
        first = ids[int(np.argmax(bad))]
        raise UserError(
            f"model {name!r}: the row of {first} is not finite in dtype: {dtype} ({int(bad.sum())} of {len(rows)} rows); "
            f"{_OTHERS[dtype]}"
        )
