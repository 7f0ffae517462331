"""BinaryCIF as the same document that its mmCIF text would give.

The format: https://github.com/molstar/BinaryCIF. biotite decodes the columns; gemmi, which reads all else, has no reader.
"""

import warnings
from collections.abc import Callable
from typing import Any

import gemmi

from ...errors import ProteinRejected
from .atom_limit import require_few

_NOT_APPLICABLE, _UNKNOWN = 1, 2  # of a column's mask: "." and "?" of mmCIF


def read_binary_cif(content: bytes, *, most_atoms: int | None = None) -> gemmi.cif.Document:
    """The data blocks of a BinaryCIF file, unpacked.

    Raises ProteinRejected for one that cannot be decoded, or has more atoms than `most_atoms`, where there is a limit.
    """
    from biotite.structure.io.pdbx import BinaryCIFFile

    document = gemmi.cif.Document()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, columns in _tables(BinaryCIFFile, content, most_atoms):
                block = document.add_new_block(name)
                for category, values in columns.items():
                    block.set_mmcif_category(f"_{category.removeprefix('_')}.", values)
    except ProteinRejected:
        raise
    except Exception as error:  # the decoder names no errors of its own
        said = " ".join(str(error).split())[:100]
        raise ProteinRejected(f"not readable as BinaryCIF: {type(error).__name__}: {said}") from None
    return document


def _tables(
    reader: Any, content: bytes, most_atoms: int | None
) -> list[tuple[str, dict[str, dict[str, list[str | bool | None]]]]]:
    """Each block's name and its categories, column by column."""
    import io

    file = reader.read(io.BytesIO(content))
    if most_atoms is not None:
        require_few(max((b["atom_site"].row_count for b in file.values() if "atom_site" in b), default=0), most_atoms)
    return [
        (name, {category: {tag: _values(column) for tag, column in table.items()} for category, table in block.items()})
        for name, block in file.items()
    ]


def _values(column: Any) -> list[str | bool | None]:
    """A column's values as text; None for "?" and False for ".", as gemmi has them."""
    values: list[str | bool | None] = list(map(_writer(column.data.array), column.data.array.tolist()))
    if column.mask is not None:
        for row, mask in enumerate(column.mask.array.tolist()):
            if mask == _UNKNOWN:
                values[row] = None
            elif mask == _NOT_APPLICABLE:
                values[row] = False
    return values


def _writer(array: Any) -> Callable[[Any], str]:
    """How one value is written: the shortest digits that give a number of the column's own precision back."""
    import numpy as np

    return (lambda value: str(np.float32(value))) if array.dtype == np.float32 else str
