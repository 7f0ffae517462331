"""Embedding shards: a .npy of rows, and beside it a .json that says whose rows they are and what made them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .. import __version__
from ..errors import UserError
from .files import atomic, read_json, take_space, write_json, write_npy
from .ledger import Omission

WeightsState = Literal["pretrained", "shipped", "trained here", "given", "random", "none"]
_PACKAGES = ("torch", "transformers", "peft", "gemmi", "numpy", "scipy")


@dataclass(frozen=True)
class TextWeights:
    """State, checksum and origin of a text encoder's weights; the checksum is None where there are none."""

    state: WeightsState
    sha256: str | None
    source: str


@dataclass(frozen=True)
class EmbeddingMeta:
    """The sidecar of an embedding shard."""

    ids: list[str]  # row order
    encoder: str
    weights_state: WeightsState
    weights_sha256: str | None
    weights_source: str  # a URL, package, path or "seed 42"
    dimension: int
    dtype: str  # in which the encoder computed; rows are float32
    seed: int
    omissions: list[Omission] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)  # e.g. held-out accuracy of weights trained by us


def package_versions() -> dict[str, str]:
    """Versions of the packages that can change a number."""
    found = {"alignscape": __version__}  # of this code: an editable install's own record may be older
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def write_shard(path: str | Path, rows: NDArray[np.float32], meta: EmbeddingMeta) -> None:
    """Rows (n, d) float32 and their sidecar; the sidecar last, so a shard with a sidecar is whole.

    Raises ValueError if ids and rows differ in number or a value is not finite.
    """
    if rows.shape != (len(meta.ids), meta.dimension):
        raise ValueError(f"{path}: rows are {rows.shape}, expected ({len(meta.ids)}, {meta.dimension})")
    if not np.isfinite(rows).all():
        raise ValueError(f"{path}: {int((~np.isfinite(rows).all(axis=1)).sum())} rows are not finite")
    write_npy(path, np.ascontiguousarray(rows, dtype=np.float32))
    _write_meta(path, meta)


def _write_meta(path: str | Path, meta: EmbeddingMeta) -> None:
    """The sidecar of the shard `path` (.npy)."""
    write_json(Path(path).with_suffix(".json"), asdict(meta) | {"versions": meta.versions or package_versions()})


def read_meta(path: str | Path) -> EmbeddingMeta:
    """The sidecar of the shard `path` (.npy)."""
    values = read_json(Path(path).with_suffix(".json"))
    return EmbeddingMeta(**values | {"omissions": [Omission(**omission) for omission in values["omissions"]]})


def read_ids(path: str | Path) -> list[str]:
    """The ids of the shard `path` (.npy), in the order of its rows."""
    return list(read_json(Path(path).with_suffix(".json"))["ids"])


def read_rows_of(path: str | Path, ids: Sequence[str]) -> NDArray[np.float64]:
    """Rows (n, d) of some of a shard's proteins, of which no more than these are read."""
    place = {id_: row for row, id_ in enumerate(read_ids(path))}
    stored = np.load(path, mmap_mode="r", allow_pickle=False)
    return np.asarray(stored[[place[id_] for id_ in ids]], dtype=np.float64)


def read_shard(path: str | Path) -> tuple[NDArray[np.float32], EmbeddingMeta]:
    """Rows (n, d) and sidecar. Raises UserError for a file that does not fit its sidecar."""
    return _of_meta(path, np.load(path, allow_pickle=False))


def _of_meta(path: str | Path, rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], EmbeddingMeta]:
    meta = read_meta(path)
    if rows.shape != (len(meta.ids), meta.dimension):
        raise UserError(f"{path}: {rows.shape} rows, its sidecar says ({len(meta.ids)}, {meta.dimension}); delete both")
    return rows, meta


def mapped_rows(path: str | Path) -> tuple[NDArray[np.float32], EmbeddingMeta]:
    """`read_shard`, with rows that stay on the disk until they are looked at; what is written to them stays in memory."""
    return _of_meta(path, np.load(path, mmap_mode="c", allow_pickle=False))


def gather(paths: Sequence[str | Path], out: str | Path) -> None:
    """Writes the rows of several shards of one encoder as one shard, sorted by id, with the first one's meta and all omissions.

    One shard is in memory at a time. Raises UserError for shards that were computed in different number types, as one
    encoder's rows are to be comparable to the last digit, and ValueError for an id in two of them.
    """
    metas = [read_meta(path) for path in paths]
    _require_one_number_type(paths, [meta.dtype for meta in metas])
    ids = sorted(id_ for meta in metas for id_ in meta.ids)
    place = {id_: row for row, id_ in enumerate(ids)}
    if len(place) != len(ids):
        raise ValueError(f"{out}: {len(ids) - len(place)} proteins have a row in more than one shard")
    with atomic(out) as temporary:
        shape = len(ids), metas[0].dimension
        rows = np.lib.format.open_memmap(temporary, "w+", np.dtype(np.float32), shape)
        take_space(temporary)
        for path, meta in zip(paths, metas, strict=True):
            rows[[place[id_] for id_ in meta.ids]] = read_shard(path)[0]
        rows.flush()
    omissions = [omission for meta in metas for omission in meta.omissions]
    _write_meta(out, EmbeddingMeta(**vars(metas[0]) | {"ids": ids, "omissions": omissions}))


def _require_one_number_type(paths: Sequence[str | Path], number_types: Sequence[str]) -> None:
    for path, number_type in zip(paths, number_types, strict=True):
        if number_type != number_types[0]:
            raise UserError(
                f"{path} was computed in {number_type}, {paths[0]} in {number_types[0]}; rows of one encoder are of one"
                f" number type: delete the shards of one of the two, and they are made again"
            )
