"""The weights of a model folder, judged without loading them: their number, checksum and place in memory."""

import hashlib
import json
import math
import struct
from pathlib import Path
from typing import TypeVar

from ...config.encoders import LanguageModelBlock
from ...errors import UserError
from ...storage.files import digest_of, read_json, sha256_file, write_json

CARD = "alignscape.json"  # in every folder converted here: where it came from
_Block = TypeVar("_Block", bound=LanguageModelBlock)
_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
_NF4_BYTES = 0.5625  # half a byte, and a float32 scale for every 64 weights
_NOT_QUANTISED = ("embed", "lm_head", "wte", "wpe", "norm")


def local_or_hub(model: str) -> Path | str:
    """The local folder that a config's `model` names, or the hub id unchanged. Raises UserError for neither."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise UserError(f"model {model!r}: the folder has no config.json, so it is no transformers model")
        return folder
    if model.startswith((".", "/", "~")) or model.count("/") > 1:
        raise UserError(f"model {model!r}: there is no such folder, and a hub id looks like owner/name")
    return model


def origin_of(model: str, folder: Path) -> str:
    """What a sidecar says of where a model came from: the config's `model`; of one in the hub's cache its id and commit."""
    if folder.parent.name != "snapshots":
        return model
    owner_and_name = folder.parent.parent.name.removeprefix("models--").replace("--", "/", 1)
    return f"{owner_and_name}@{folder.name}"


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a model folder, sorted by name."""
    return sorted(folder.glob("*.safetensors"))


def tensor_shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """Names and shapes of all weights, read from the files' headers."""
    shapes: dict[str, tuple[int, ...]] = {}
    for path in weight_files(folder):
        with open(path, "rb") as handle:
            (length,) = struct.unpack("<Q", handle.read(8))
            header = json.loads(handle.read(length))
        shapes |= {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}
    return shapes


def needed_bytes(shapes: dict[str, tuple[int, ...]], *, dtype: str, quantization: str) -> int:
    """Memory of weights with these shapes; under nf4 the matrices but embedding and head take half a byte a weight."""
    total = 0.0
    for name, shape in shapes.items():
        four_bit = quantization == "nf4" and len(shape) == 2 and not any(part in name for part in _NOT_QUANTISED)
        total += math.prod(shape) * (_NF4_BYTES if four_bit else _BYTES[dtype])
    return math.ceil(total)


def weights_sha256(folder: Path, *, cache_dir: Path) -> str:
    """One SHA-256 for the weights of a folder: over the names and checksums of its safetensors files.

    Those of the layers that sentence-transformers puts behind a model (`2_Dense`) are among them.
    A file in the hub's cache is a link to a blob that is called by its checksum. Other files are read once and
    remembered in `cache_dir` by place, size and time of change.
    """
    files = [*weight_files(folder), *sorted(folder.glob("[0-9]_*/*.safetensors"))]
    lines = [f"{path.relative_to(folder)}:{_file_sha256(path, cache_dir=cache_dir)}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _file_sha256(path: Path, *, cache_dir: Path) -> str:
    real = path.resolve()
    if real.parent.name == "blobs" and len(real.name) == 64:
        return real.name
    stat = real.stat()
    note = Path(cache_dir) / "checksums" / f"{digest_of([str(real), stat.st_size, stat.st_mtime_ns])}.json"
    if not note.is_file():
        write_json(note, {"sha256": sha256_file(real)})
    return read_json(note)["sha256"]


def read_card(folder: Path) -> dict[str, str] | None:
    """What a converted folder says about its origin; None for other folders."""
    return read_json(folder / CARD) if (folder / CARD).is_file() else None


def as_prepared(block: _Block, note: Path) -> _Block:
    """The block with the very commit that was fetched when `note` was written, so that all jobs read the same files."""
    folder = Path(read_json(note)["folder"])
    return block.model_copy(update={"revision": folder.name}) if folder.parent.name == "snapshots" else block
