"""Rows by id in the formats that `row_file` reads, with a word on what made them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UserError
from ..storage.files import atomic, write_json, write_npy, write_npz, write_text
from .row_file import FORMATS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Made = Mapping[str, Any]  # what made the rows: encoder, weights, dimension, versions


def require_format(path: Path) -> None:
    """Raises UserError for a file whose ending is none of the formats, before anything is computed for it."""
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"{path}: rows are written as {', '.join(FORMATS)}; end the name of --out in one of them")


def write_rows(path: Path, ids: Sequence[str], rows: "NDArray[np.float32]", made: Made) -> None:
    """Rows (n, d) with their ids and what made them, in the format that the path's ending names.

    A .npz and a .safetensors hold `ids`, `rows` and, as JSON, `made`; a .parquet has columns `id` and `row` and JSON under
    `alignscape` in its metadata; beside a .npy lie the ids (.txt, one a line) and what made them (.json). Raises UserError
    for another ending.
    """
    require_format(path)
    {".npy": _npy, ".npz": _npz, ".parquet": _parquet, ".safetensors": _safetensors}[path.suffix.lower()](
        path, ids, rows, made
    )


def _npy(path: Path, ids: Sequence[str], rows: Any, made: Made) -> None:
    write_npy(path, rows)
    write_text(path.with_suffix(".txt"), "".join(f"{id_}\n" for id_ in ids))
    write_json(path.with_suffix(".json"), made)


def _npz(path: Path, ids: Sequence[str], rows: Any, made: Made) -> None:
    import numpy as np

    write_npz(path, {"ids": np.array(ids, dtype=str), "rows": rows, "made": np.array(json.dumps(made))})


def _parquet(path: Path, ids: Sequence[str], rows: Any, made: Made) -> None:
    import numpy as np
    import pyarrow as pa
    from pyarrow.parquet import write_table

    lists = pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(rows).ravel()), rows.shape[1])
    table = pa.table({"id": pa.array(ids, pa.string()), "row": lists})
    with atomic(path) as temporary:
        write_table(table.replace_schema_metadata({"alignscape": json.dumps(made)}), temporary)


def _safetensors(path: Path, ids: Sequence[str], rows: Any, made: Made) -> None:
    import numpy as np
    from safetensors.numpy import save

    metadata = {"ids": json.dumps(list(ids)), "made": json.dumps(made)}
    with atomic(path) as temporary:
        temporary.write_bytes(save({"rows": np.ascontiguousarray(rows)}, metadata=metadata))
