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
from .files import read_json, write_json, write_npy
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
    write_json(Path(path).with_suffix(".json"), asdict(meta) | {"versions": meta.versions or package_versions()})


def read_meta(path: str | Path) -> EmbeddingMeta:
    """The sidecar of the shard `path` (.npy)."""
    values = read_json(Path(path).with_suffix(".json"))
    return EmbeddingMeta(**values | {"omissions": [Omission(**omission) for omission in values["omissions"]]})


def read_shard(path: str | Path) -> tuple[NDArray[np.float32], EmbeddingMeta]:
    """Rows (n, d) and sidecar. Raises UserError for a file that does not fit its sidecar."""
    meta, rows = read_meta(path), np.load(path, allow_pickle=False)
    if rows.shape != (len(meta.ids), meta.dimension):
        raise UserError(f"{path}: {rows.shape} rows, its sidecar says ({len(meta.ids)}, {meta.dimension}); delete both")
    return rows, meta


def gather(paths: Sequence[str | Path], ids: Sequence[str]) -> tuple[NDArray[np.float32], list[str], EmbeddingMeta]:
    """Rows of `ids` (those that have one), in that order, from several shards of one encoder.

    Returns rows (n, d), the ids that have one, and the first shard's meta with all omissions. Raises UserError for shards
    that were computed in different number types: one encoder's rows are to be comparable to the last digit.
    """
    shards = [read_shard(path) for path in paths]
    _require_one_number_type(paths, [meta.dtype for _, meta in shards])
    place = {id_: (s, row) for s, (_, meta) in enumerate(shards) for row, id_ in enumerate(meta.ids)}
    found = [id_ for id_ in ids if id_ in place]
    rows = np.empty((len(found), shards[0][1].dimension), dtype=np.float32)
    for row, id_ in enumerate(found):
        shard, index = place[id_]
        rows[row] = shards[shard][0][index]
    omissions = [omission for _, meta in shards for omission in meta.omissions]
    return rows, found, EmbeddingMeta(**vars(shards[0][1]) | {"ids": found, "omissions": omissions})


def _require_one_number_type(paths: Sequence[str | Path], number_types: Sequence[str]) -> None:
    for path, number_type in zip(paths, number_types, strict=True):
        if number_type != number_types[0]:
            raise UserError(
                f"{path} was computed in {number_type}, {paths[0]} in {number_types[0]}; rows of one encoder are of one"
                f" number type: delete the shards of one of the two, and they are made again"
            )
