"""Tables of rows by id, as people keep them: read, and written by `embed`. Nothing is ever unpickled.

.npy          rows (n, d), and the ids in a text file beside it, one a line
.npz          arrays `ids` (n,) and `rows` (n, d), or one array per protein under its id
.parquet      a column of ids and one column of lists, or a column per number
.safetensors  a tensor `rows` (n, d) with a JSON list `ids` in the metadata, or one tensor per protein under its id
a folder      one file per protein, called by its id: .npy, or .npz or .safetensors with one array
"""

import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UserError
from ..storage.packed import require_credible
from ..storage.plain_text import escaped
from .parquet_rows import read_parquet_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMATS = (".npy", ".npz", ".parquet", ".safetensors")
_OF_ONE = (".npy", ".npz", ".safetensors")  # of a file that holds one protein's row
_ROWS = ("rows", "embeddings")  # what the array of all rows may be called


@dataclass(frozen=True, eq=False)
class RowTable:
    """Rows by id: those of `ids`, in the order of the file, and why other proteins named in it have none."""

    path: Path
    ids: list[str]
    rows: "NDArray[Any]"  # (n, d) of any real number type
    lost: Mapping[str, str] = field(default_factory=dict)  # id -> reason

    @property
    def dimension(self) -> int:
        """Numbers in a row."""
        return int(self.rows.shape[1])

    @cached_property
    def _place(self) -> dict[str, int]:
        return {id_: row for row, id_ in enumerate(self.ids)}

    def row(self, id_: str) -> "NDArray[np.float32]":
        """(d,) the row of a protein that has one."""
        import numpy as np

        with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, and `why_not` says so
            return np.array(self.rows[self._place[id_]], dtype=np.float32)

    def why_not(self, id_: str) -> str | None:
        """Why a protein has no row that can be used, in plain words; None if it has one."""
        import numpy as np

        if id_ in self.lost:
            return self.lost[id_]
        if id_ not in self._place:
            return f"{self.path} has no row of it"
        return None if np.isfinite(self.row(id_)).all() else f"its row in {self.path} is not finite"


def files_of(path: Path, *, ids: Path | None = None) -> list[Path]:
    """The files that a table is made of, sorted within a folder; nothing is opened."""
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.suffix.lower() in _OF_ONE and file.is_file())
    return [path, ids or path.with_suffix(".txt")] if path.suffix.lower() == ".npy" else [path]


def sha256_of(path: Path, *, ids: Path | None = None) -> str:
    """One SHA-256 of a table: its file's, or one over those of its files."""
    from ..storage.files import digest_of, sha256_file

    files = files_of(path, ids=ids)
    return sha256_file(files[0]) if len(files) == 1 else digest_of([sha256_file(file) for file in files], length=64)


def read_rows(path: Path, *, ids: Path | None = None) -> RowTable:
    """The table of a file or folder; a large .npy stays on the disk until its rows are asked for.

    ids: the text file of a .npy's ids. Raises UserError, one line, for what is no such table: another format, pickled
    objects, another shape than (n, d), ids that are not text, as many as there are rows, and different.
    """
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise UserError(f"{path}: there is no such file or folder of rows")
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UserError(
            f"{path}: cannot be read as rows; expected {_or(FORMATS)}, or a folder with one file per protein"
        )
    if suffix == ".npy":
        names, rows = _id_lines(ids or path.with_suffix(".txt"), of=path), _load(path, _npy)
    else:
        names, rows = _load(path, {".npz": _npz, ".parquet": read_parquet_rows, ".safetensors": _safetensors}[suffix])
    return RowTable(path, _different(path, names), _checked(path, len(names), rows))


def _load(path: Path, read: Callable[[Path], Any]) -> Any:
    """What a reader finds; what it or a library raises for a damaged file becomes one line."""
    try:
        return read(path)
    except UserError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        if "pickle" in said.lower():
            raise UserError(
                f"{path}: holds pickled objects, which are never read; save it as numbers and text"
            ) from None
        raise UserError(f"{path}: cannot be read as {path.suffix}: {said or type(error).__name__}") from None


def _checked(path: Path, n: int, rows: Any) -> Any:
    """Rows (n, d) of real numbers. Raises UserError for others."""
    if rows.dtype.kind not in "fiu":
        raise UserError(f"{path}: the rows are {rows.dtype}; expected real numbers")
    if rows.ndim != 2:
        per_residue = "; of a row per residue, take the mean first" if rows.ndim == 3 else ""
        raise UserError(f"{path}: the rows are of shape {rows.shape}; expected (proteins, numbers){per_residue}")
    if len(rows) != n:
        raise UserError(f"{path}: {len(rows)} rows and {n} ids; expected one id for each row")
    if rows.size == 0:
        raise UserError(f"{path}: the rows are of shape {rows.shape}; expected at least one row of one number")
    return rows


def _different(path: Path, ids: Iterable[Any]) -> list[str]:
    """The ids as text. Raises UserError for one that stands twice."""
    names = [escaped(str(id_)) for id_ in ids]  # of what no table can show, no protein of a study has an id
    twice = [id_ for id_, count in Counter(names).items() if count > 1]
    if twice:
        more = f" (and {len(twice) - 1} more)" if len(twice) > 1 else ""
        raise UserError(f"{path}: the id {twice[0]!r}{more} stands there more than once; keep one row for each")
    return names


def _id_lines(path: Path, *, of: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "not UTF-8"
        raise UserError(
            f"{path}: the ids of {of} cannot be read: {said}; expected one a line, or name the file in `ids`"
        ) from None


# --- one file of all ----------------------------------------------------------------------------------------


def _npy(path: Path) -> Any:
    import numpy as np

    return np.load(path, mmap_mode="r", allow_pickle=False)


def _npz(path: Path) -> tuple[list[str], Any]:
    return _from_arrays(path, _unpacked(path))


def _unpacked(path: Path) -> dict[str, Any]:
    """The arrays of an .npz. Raises UserError, before they are unpacked, for so many bytes of so few as numbers never are."""
    from ..storage.files import read_npz

    with zipfile.ZipFile(path) as archive:
        require_credible(path, sum(member.file_size for member in archive.infolist()))
    return read_npz(path)


def _from_arrays(path: Path, arrays: Mapping[str, Any]) -> tuple[list[str], Any]:
    """Ids and rows of named arrays: `ids` and `rows`, or a row under each id."""
    if "ids" not in arrays:
        return list(arrays), _stacked(path, arrays)
    tables = [name for name in _ROWS if name in arrays] or [n for n in arrays if n != "ids" and arrays[n].ndim == 2]
    if len(tables) != 1:
        raise UserError(
            f"{path}: beside `ids` it has {_or(sorted(set(arrays) - {'ids'})) or 'nothing'}; expected `rows`"
        )
    ids = arrays["ids"]
    if ids.dtype.kind == "S":
        ids = ids.astype(str)
    if ids.dtype.kind != "U" or ids.ndim != 1:
        raise UserError(f"{path}: `ids` is {ids.dtype} of shape {ids.shape}; expected text of shape (n,)")
    return ids.tolist(), arrays[tables[0]]


def _stacked(path: Path, arrays: Mapping[str, Any]) -> Any:
    """(n, d) of an array per protein. Raises UserError that names one of another shape than the first."""
    import numpy as np

    if not arrays:
        raise UserError(f"{path}: is empty; expected `ids` and `rows`, or one row under each id")
    first, shape = next((name, np.squeeze(row).shape) for name, row in arrays.items())
    for name, row in arrays.items():
        if np.squeeze(row).shape != shape or len(shape) != 1:
            raise UserError(
                f"{path}: {name!r} is of shape {row.shape}, {first!r} of {arrays[first].shape}; expected one row of the "
                f"same length under each id, or `ids` and `rows`"
            )
    return np.stack([np.squeeze(row) for row in arrays.values()])


def _safetensors(path: Path) -> tuple[list[str], Any]:
    from safetensors import safe_open

    require_credible(path, path.stat().st_size)
    with safe_open(path, framework="np") as file:
        arrays = {name: file.get_tensor(name) for name in sorted(file.keys())}
        ids = (file.metadata() or {}).get("ids")
    tables = [name for name in _ROWS if name in arrays]
    if ids is None or not tables:
        return list(arrays), _stacked(path, arrays)
    return [str(id_) for id_ in json.loads(ids)], arrays[tables[0]]


# --- a folder of one file per protein -----------------------------------------------------------------------


def _folder(folder: Path) -> RowTable:
    """The rows of a folder's files; a file that is no row, or of another length than most, costs its own protein only."""
    import numpy as np

    files = files_of(folder)
    ids = _different(folder, (file.stem for file in files))
    rows, lost = {}, {}
    for id_, file in zip(ids, files, strict=True):
        try:
            rows[id_] = _load(file, _one_row)
        except UserError as error:
            lost[id_] = escaped(str(error))
    if not rows:
        found = f"; the first problem: {next(iter(lost.values()))}" if lost else ""
        raise UserError(f"{folder}: no file in it is a row; expected {_or(_OF_ONE)} files called by the ids{found}")
    usual = Counter(len(row) for row in rows.values()).most_common(1)[0][0]
    odd = {id_: len(row) for id_, row in rows.items() if len(row) != usual}
    lost |= {id_: f"its row in {folder} has {n} numbers, most have {usual}" for id_, n in odd.items()}
    kept = [id_ for id_ in rows if id_ not in odd]
    return RowTable(folder, kept, np.stack([rows[id_] for id_ in kept]), lost)


def _one_row(path: Path) -> Any:
    import numpy as np

    require_credible(path, path.stat().st_size)
    if path.suffix.lower() == ".npy":
        row = np.load(path, allow_pickle=False)
    else:
        from safetensors.numpy import load_file

        arrays = _unpacked(path) if path.suffix.lower() == ".npz" else load_file(path)
        if len(arrays) != 1:
            raise UserError(f"{path}: holds {len(arrays)} arrays; expected one")
        row = next(iter(arrays.values()))
    row = np.atleast_1d(np.squeeze(row))
    if row.ndim != 1 or row.size == 0 or row.dtype.kind not in "fiu":
        per_residue = "; of a row per residue, take the mean first" if row.ndim == 2 else ""
        raise UserError(f"{path}: is {row.dtype} of shape {row.shape}; expected one row of real numbers{per_residue}")
    return row


def _or(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + f" or {words[-1]}" if len(words) > 1 else "".join(words)
